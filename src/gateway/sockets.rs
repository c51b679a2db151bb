//! The gateway's own sockets as the roles [`Connections`] and [`Register`]: one process, so memory is enough.

use crate::gateway::outgoing::{Closing, Outgoing};
use crate::ports::clock::UnixMs;
use crate::ports::connections::{Connections, SendError};
use crate::ports::ids::{ConnectionId, SessionKey, TenantId, UserId};
use crate::ports::register::{Register, RegisterError, Registered};
use async_trait::async_trait;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// All connections of this process.
#[derive(Debug, Default)]
pub struct Sockets {
    peers: RwLock<HashMap<ConnectionId, Arc<Peer>>>,
    of_users: Mutex<HashMap<(TenantId, UserId), u64>>,
}

/// One connection as others see it.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) outgoing: Outgoing,
    registered: Mutex<Registered>,
    /// Unix milliseconds of the last frame from the client.
    last_active: AtomicU64,
}

impl Peer {
    pub(crate) fn active(&self, now: UnixMs) {
        self.last_active.store(now.0, Ordering::Relaxed);
    }

    pub(crate) fn last_active(&self) -> UnixMs {
        UnixMs(self.last_active.load(Ordering::Relaxed))
    }

    pub(crate) fn connected(&self) -> UnixMs {
        self.registered().connected
    }

    pub(crate) fn expires(&self) -> UnixMs {
        self.registered().expires
    }

    fn registered(&self) -> MutexGuard<'_, Registered> {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sockets {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.peers.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn peer(&self, connection: &ConnectionId) -> Option<Arc<Peer>> {
        self.peers.read().unwrap_or_else(PoisonError::into_inner).get(connection).cloned()
    }

    /// Says something to all.
    pub(crate) fn send_to_all(&self, text: &Arc<str>) {
        for peer in self.all() {
            // One that is gone or full is about to be closed anyway.
            drop(peer.outgoing.send(Arc::clone(text)));
        }
    }

    pub(crate) fn close_all(&self, closing: Closing) {
        for peer in self.all() {
            // One that is gone needs no closing.
            drop(peer.outgoing.close(closing));
        }
    }

    fn all(&self) -> Vec<Arc<Peer>> {
        self.peers.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn of_users(&self) -> MutexGuard<'_, HashMap<(TenantId, UserId), u64>> {
        self.of_users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Connections for Sockets {
    async fn send(&self, connection: &ConnectionId, text: Arc<str>) -> Result<(), SendError> {
        self.peer(connection).ok_or(SendError::Gone)?.outgoing.send(text)
    }

    async fn close(&self, connection: &ConnectionId) -> Result<(), SendError> {
        self.peer(connection).ok_or(SendError::Gone)?.outgoing.close(Closing::DELETED)
    }
}

#[async_trait]
impl Register for Sockets {
    async fn enter(
        &self,
        connection: &ConnectionId,
        registered: Registered,
        of_user_max: u64,
    ) -> Result<(), RegisterError> {
        let user = (registered.tenant.clone(), registered.user.clone());
        {
            let mut of_users = self.of_users();
            let count = of_users.entry(user).or_default();
            if *count >= of_user_max {
                return Err(RegisterError::TooMany);
            }
            *count += 1;
        }
        let last_active = AtomicU64::new(registered.connected.0);
        let peer = Peer { outgoing: Outgoing::default(), registered: Mutex::new(registered), last_active };
        self.peers.write().unwrap_or_else(PoisonError::into_inner).insert(connection.clone(), Arc::new(peer));
        Ok(())
    }

    async fn get(&self, connection: &ConnectionId) -> Result<Option<Registered>, RegisterError> {
        Ok(self.peer(connection).map(|peer| peer.registered().clone()))
    }

    async fn of_user(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConnectionId>, RegisterError> {
        let peers = self.peers.read().unwrap_or_else(PoisonError::into_inner);
        let theirs = peers.iter().filter(|(_, peer)| {
            let registered = peer.registered();
            registered.tenant == *tenant && registered.user == *user
        });
        Ok(theirs.map(|(connection, _)| connection.clone()).collect())
    }

    async fn refresh(&self, connection: &ConnectionId, speaker: String, expires: UnixMs) -> Result<(), RegisterError> {
        if let Some(peer) = self.peer(connection) {
            let mut registered = peer.registered();
            registered.speaker = speaker;
            registered.expires = expires;
        }
        Ok(())
    }

    async fn bind(
        &self,
        connection: &ConnectionId,
        key: &SessionKey,
        sessions_max: usize,
    ) -> Result<(), RegisterError> {
        let Some(peer) = self.peer(connection) else { return Ok(()) };
        let mut registered = peer.registered();
        if registered.sessions.contains(key) {
            return Ok(());
        }
        if registered.sessions.len() >= sessions_max {
            return Err(RegisterError::TooMany);
        }
        registered.sessions.push(key.clone());
        Ok(())
    }

    async fn unbind(&self, connection: &ConnectionId, key: &SessionKey) -> Result<(), RegisterError> {
        if let Some(peer) = self.peer(connection) {
            peer.registered().sessions.retain(|bound| bound != key);
        }
        Ok(())
    }

    async fn leave(&self, connection: &ConnectionId) -> Result<Option<Registered>, RegisterError> {
        let left = self.peers.write().unwrap_or_else(PoisonError::into_inner).remove(connection);
        let Some(peer) = left else { return Ok(None) };
        peer.outgoing.end();
        let registered = peer.registered().clone();
        if let Entry::Occupied(mut count) = self.of_users().entry((registered.tenant.clone(), registered.user.clone()))
        {
            *count.get_mut() = count.get().saturating_sub(1);
            if *count.get() == 0 {
                count.remove();
            }
        }
        Ok(Some(registered))
    }
}
