//! What every [`Register`] does.

use crate::fixtures::{connection, key};
use viva::ports::clock::UnixMs;
use viva::ports::ids::{TenantId, UserId};
use viva::ports::register::{Register, RegisterError, Registered};

macro_rules! register_contract {
    ($make:path) => {
        contract!(
            register,
            $make,
            [
                what_is_entered_is_known_until_it_leaves,
                a_user_has_so_many_connections_and_no_more,
                a_users_connections_are_found_and_nobody_elses,
                of_many_at_once_no_more_enter_than_may,
                a_newer_token_takes_the_place_of_the_older,
                sessions_are_bound_once_and_unbound,
                a_connection_is_bound_to_so_many_sessions_and_no_more,
                what_is_not_there_is_no_fault,
            ]
        );
    };
}

fn registered(user: &str) -> Registered {
    Registered {
        tenant: TenantId::new("school"),
        user: UserId::new(user),
        speaker: format!(r#"{{"user":"{user}"}}"#),
        expires: UnixMs(9_000_000),
        connected: UnixMs(2_000_000),
        sessions: Vec::new(),
    }
}

pub(crate) async fn what_is_entered_is_known_until_it_leaves(register: &dyn Register) {
    let (one, other) = (connection("c1="), connection("c2="));
    register.enter(&one, registered("ada"), 5).await.unwrap();
    register.enter(&other, registered("bob"), 5).await.unwrap();
    assert_eq!(register.get(&one).await.unwrap(), Some(registered("ada")));
    assert_eq!(register.leave(&one).await.unwrap(), Some(registered("ada")));
    assert_eq!(register.leave(&one).await.unwrap(), None);
    assert_eq!(register.get(&one).await.unwrap(), None);
    assert_eq!(register.get(&other).await.unwrap(), Some(registered("bob")));
}

pub(crate) async fn a_users_connections_are_found_and_nobody_elses(register: &dyn Register) {
    for name in ["c1=", "c2="] {
        register.enter(&connection(name), registered("ada"), 5).await.unwrap();
    }
    register.enter(&connection("c3="), registered("bob"), 5).await.unwrap();
    let elsewhere = Registered { tenant: TenantId::new("other"), ..registered("ada") };
    register.enter(&connection("c4="), elsewhere, 5).await.unwrap();
    let (school, ada) = (TenantId::new("school"), UserId::new("ada"));
    let mut found = register.of_user(&school, &ada).await.unwrap();
    found.sort();
    assert_eq!(found, [connection("c1="), connection("c2=")]);
    register.leave(&connection("c1=")).await.unwrap();
    assert_eq!(register.of_user(&school, &ada).await.unwrap(), [connection("c2=")]);
    assert_eq!(register.of_user(&school, &UserId::new("eve")).await.unwrap(), []);
}

pub(crate) async fn a_user_has_so_many_connections_and_no_more(register: &dyn Register) {
    for name in ["c1", "c2"] {
        register.enter(&connection(name), registered("ada"), 2).await.unwrap();
    }
    let refused = register.enter(&connection("c3"), registered("ada"), 2).await;
    assert!(matches!(refused, Err(RegisterError::TooMany)), "{refused:?}");
    assert_eq!(register.get(&connection("c3")).await.unwrap(), None);
    register.enter(&connection("c4"), registered("bob"), 2).await.unwrap();
    let elsewhere = Registered { tenant: TenantId::new("other"), ..registered("ada") };
    register.enter(&connection("c5"), elsewhere, 2).await.unwrap();
    register.leave(&connection("c1")).await.unwrap();
    register.enter(&connection("c3"), registered("ada"), 2).await.unwrap();
}

pub(crate) async fn of_many_at_once_no_more_enter_than_may(register: &dyn Register) {
    let connections: Vec<_> = (0..8).map(|number| connection(&format!("c{number}"))).collect();
    let entering = connections.iter().map(|connection| register.enter(connection, registered("ada"), 3));
    let entered = futures::future::join_all(entering).await.into_iter().filter(Result::is_ok).count();
    assert!(entered <= 3, "{entered} entered");
    // Whoever was refused leaves nothing behind: the places that are left can be taken.
    for number in entered..3 {
        register.enter(&connection(&format!("d{number}")), registered("ada"), 3).await.unwrap();
    }
}

pub(crate) async fn a_newer_token_takes_the_place_of_the_older(register: &dyn Register) {
    let one = connection("c1");
    register.enter(&one, registered("ada"), 5).await.unwrap();
    register.refresh(&one, r#"{"newer":true}"#.into(), UnixMs(9_500_000)).await.unwrap();
    let newer = Registered { speaker: r#"{"newer":true}"#.into(), expires: UnixMs(9_500_000), ..registered("ada") };
    assert_eq!(register.get(&one).await.unwrap(), Some(newer));
}

pub(crate) async fn sessions_are_bound_once_and_unbound(register: &dyn Register) {
    let one = connection("c1");
    register.enter(&one, registered("ada"), 5).await.unwrap();
    for session in ["s1", "s2", "s1"] {
        register.bind(&one, &key("ada", session), 2).await.unwrap();
    }
    assert_eq!(register.get(&one).await.unwrap().unwrap().sessions, [key("ada", "s1"), key("ada", "s2")]);
    for session in ["s1", "s1", "never"] {
        register.unbind(&one, &key("ada", session)).await.unwrap();
    }
    assert_eq!(register.leave(&one).await.unwrap().unwrap().sessions, [key("ada", "s2")]);
}

pub(crate) async fn a_connection_is_bound_to_so_many_sessions_and_no_more(register: &dyn Register) {
    let one = connection("c1");
    register.enter(&one, registered("ada"), 5).await.unwrap();
    register.bind(&one, &key("ada", "s1"), 2).await.unwrap();
    register.bind(&one, &key("ada", "s2"), 2).await.unwrap();
    let refused = register.bind(&one, &key("ada", "s3"), 2).await;
    assert!(matches!(refused, Err(RegisterError::TooMany)), "{refused:?}");
    register.unbind(&one, &key("ada", "s1")).await.unwrap();
    register.bind(&one, &key("ada", "s3"), 2).await.unwrap();
}

pub(crate) async fn what_is_not_there_is_no_fault(register: &dyn Register) {
    let nobody = connection("nobody");
    assert_eq!(register.get(&nobody).await.unwrap(), None);
    register.refresh(&nobody, "{}".into(), UnixMs(1)).await.unwrap();
    register.bind(&nobody, &key("ada", "s1"), 2).await.unwrap();
    register.unbind(&nobody, &key("ada", "s1")).await.unwrap();
    assert_eq!(register.leave(&nobody).await.unwrap(), None);
    assert_eq!(register.get(&nobody).await.unwrap(), None);
}
