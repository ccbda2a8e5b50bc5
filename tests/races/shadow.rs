//! Who touched a word since the last barrier.

/// What is done with a word; what updates it, like `atomicAdd`, does so in any order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Read,
    Write,
    Update,
    /// An atomic write of the value that is there already.
    Repeat,
}

/// By one of those that may run side by side, between two barriers.
#[derive(Clone, Copy)]
pub struct Access {
    pub owner: u32,
    pub epoch: u32,
    /// The operation.
    pub op: u32,
}

impl Access {
    const NEVER: Access = Access { owner: u32::MAX, epoch: u32::MAX, op: 0 };

    fn races(self, other: Access) -> bool {
        self.epoch == other.epoch && self.owner != other.owner
    }
}

/// The last accesses of a word of each kind, by two that differ.
#[derive(Clone, Copy)]
pub struct Shadow([[Access; 2]; 3]);

impl Shadow {
    pub const UNTOUCHED: Shadow = Shadow([[Access::NEVER; 2]; 3]);

    pub fn is_written(&self) -> bool {
        self.0[Kind::Write as usize][0].epoch != u32::MAX
    }

    /// Notes an access; the one before that it races with.
    pub fn touch(&mut self, kind: Kind, access: Access) -> Option<Access> {
        let rivals: &[Kind] = match kind {
            Kind::Read => &[Kind::Write, Kind::Update],
            Kind::Write => &[Kind::Read, Kind::Write, Kind::Update],
            Kind::Update => &[Kind::Read, Kind::Write],
            // Which of the same values is first does not matter; what comes then does.
            Kind::Repeat => &[],
        };
        let rival = rivals.iter().flat_map(|&rival| self.0[rival as usize]).find(|before| before.races(access));
        let kind = if kind == Kind::Repeat { Kind::Write } else { kind };
        let own = &mut self.0[kind as usize];
        own[usize::from(own[0].races(access))] = access;
        rival
    }
}
