//! Side tables by node. Node ids are dense: one multiplication spreads them.

use super::NodeId;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What later stages know of nodes.
pub type NodeMap<V> = HashMap<NodeId, V, BuildHasherDefault<ById>>;

/// Hashes ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct ById(u64);

impl Hasher for ById {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.0 = (self.0 ^ u64::from(n)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
