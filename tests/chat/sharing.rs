//! Several devices share a conversation: all are served, and whoever is gone is forgotten.

use crate::rig::{ANSWER, Room, key, play, scripted, send};
use viva::ports::conversations::Conversations;

#[tokio::test(start_paused = true)]
async fn every_device_gets_every_event_in_order() {
    let room = Room::new(scripted(play(ANSWER))).await;
    for device in ["phone", "laptop", "tablet"] {
        room.look_on(device).await;
    }
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    let phone = room.clients.events("phone");
    assert!(phone.iter().any(|event| event["type"] == "chat.done"));
    assert_eq!(phone, room.clients.events("laptop"));
    assert_eq!(phone, room.clients.events("tablet"));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_gone_is_forgotten_and_holds_nobody_up() {
    let room = Room::new(scripted(play(ANSWER))).await;
    room.look_on("phone").await;
    room.look_on("laptop").await;
    room.clients.hang_up("phone");
    room.ask(send("m1", None, "What does an ETag name?")).await;
    room.run().await;
    assert!(room.clients.events("laptop").iter().any(|event| event["type"] == "chat.done"));
    let bound = room.store.bound(&key()).await.unwrap();
    assert_eq!(bound.iter().map(|onlooker| onlooker.connection.as_str()).collect::<Vec<_>>(), ["laptop"]);
}

#[tokio::test(start_paused = true)]
async fn beyond_eight_devices_the_oldest_makes_room() {
    let room = Room::new(scripted(play(ANSWER))).await;
    for device in 1..=9 {
        room.look_on(&format!("device-{device}")).await;
    }
    let bound = room.store.bound(&key()).await.unwrap();
    assert_eq!(bound.len(), 8);
    assert_eq!(bound[0].connection.as_str(), "device-2");
}
