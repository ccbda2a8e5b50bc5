//! Runs workgroups, one after the other, each invocation up to the next barrier, and notes what would be undefined on a device.

use super::code::{Code, Limit, Op, Place, Word};
use super::shadow::{Access, Kind, Shadow};
use std::collections::BTreeMap;
use wgpu::naga::BuiltIn;

/// More operations of one invocation between two barriers are taken for a loop without an end.
const ENDLESS: u64 = 1 << 28;
/// What workgroup memory holds that nobody wrote to.
const POISON: u32 = 0xffee_ddcc;
/// What is said of accesses in no order.
pub const RACE: &str = "without a barrier";

impl Limit {
    pub fn allows(self, value: u32) -> bool {
        match self {
            Limit::Shift => value < 32,
            Limit::Divisor => value != 0,
        }
    }
}

/// An invocation.
struct Invocation {
    memory: Vec<u32>,
    /// The operation that comes next, and where the frame begins that it belongs to.
    op: u32,
    frame: u32,
    calls: Vec<(u32, u32)>,
}

/// Why an invocation does not go on.
#[derive(Clone, Copy, PartialEq)]
enum Pause {
    Barrier { workgroup: bool, storage: bool },
    Done,
    Fault,
}

struct Shared<'a> {
    code: &'a Code,
    words: Vec<u32>,
    /// Of the invocations of a workgroup, and, of storage, of workgroups.
    invocations: Vec<Shadow>,
    workgroups: Vec<Shadow>,
    /// Barriers of workgroup memory and of storage.
    epochs: [u32; 2],
    workgroup: u32,
    /// By the operations that they are about.
    found: BTreeMap<(u32, u32), String>,
}

/// A grid of workgroups over buffers, by binding; between barriers invocations take turns in an order of `seed`, ascending of 0.
/// What is wrong, each once.
pub fn run(code: &Code, buffers: &mut [Vec<u32>], grid: [u32; 2], seed: u64) -> Vec<String> {
    let layout = &code.layout;
    let mut words = vec![POISON; layout.end as usize];
    let bound = || layout.regions.iter().filter_map(|region| Some((region.binding? as usize, region.first as usize)));
    for (binding, first) in bound() {
        words[first..first + buffers[binding].len()].copy_from_slice(&buffers[binding]);
    }
    let mut shared = Shared {
        code,
        words,
        invocations: vec![Shadow::UNTOUCHED; layout.read_only as usize],
        workgroups: vec![Shadow::UNTOUCHED; layout.read_only as usize],
        epochs: [0; 2],
        workgroup: 0,
        found: BTreeMap::new(),
    };
    let mut random = seed;
    for workgroup in 0..grid[0] * grid[1] {
        shared.begin(workgroup);
        shared.run([workgroup % grid[0], workgroup / grid[0]], grid, &mut random);
    }
    for (binding, first) in bound() {
        let len = buffers[binding].len();
        buffers[binding].copy_from_slice(&shared.words[first..first + len]);
    }
    shared.found.into_values().collect()
}

/// The next order of `count` invocations.
fn order(count: u32, random: &mut u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count).collect();
    if *random > 0 {
        for last in (1..count as usize).rev() {
            // Marsaglia's xorshift.
            *random ^= *random << 13;
            *random ^= *random >> 7;
            *random ^= *random << 17;
            order.swap(last, (*random % (last as u64 + 1)) as usize);
        }
    }
    order
}

impl Shared<'_> {
    fn begin(&mut self, workgroup: u32) {
        let own = self.code.layout.storage as usize;
        self.words[..own].fill(POISON);
        self.invocations[..own].fill(Shadow::UNTOUCHED);
        self.epochs = self.epochs.map(|epoch| epoch + 1);
        self.workgroup = workgroup;
    }

    fn run(&mut self, [x, y]: [u32; 2], grid: [u32; 2], random: &mut u64) {
        let code = self.code;
        let invocation = |index: u32| {
            let mut memory = code.fixed.clone();
            let frame = memory.len() as u32;
            memory.resize((frame + code.frames) as usize, POISON);
            for &(builtin, at) in &code.arguments {
                let value = match builtin {
                    BuiltIn::WorkGroupId => vec![x, y, 0],
                    BuiltIn::LocalInvocationIndex => vec![index],
                    BuiltIn::GlobalInvocationId => vec![x * code.workgroup + index, y, 0],
                    BuiltIn::NumWorkGroups => vec![grid[0], grid[1], 1],
                    other => panic!("{other:?} is not known here"),
                };
                memory[at.place(frame)..][..value.len()].copy_from_slice(&value);
            }
            Invocation { memory, op: code.start, frame, calls: vec![] }
        };
        let mut all: Vec<Invocation> = (0..code.workgroup).map(invocation).collect();
        loop {
            let mut pauses = vec![];
            for index in order(code.workgroup, random) {
                pauses.push((index as usize, all[index as usize].advance(index, self)));
            }
            if pauses.iter().any(|&(_, pause)| pause == Pause::Fault) {
                return;
            }
            // All at the same barrier of the same calls, or at the end.
            let (first, pause) = pauses[0];
            let place = |index: usize| (all[index].op, all[index].calls.iter());
            let differs = |&&(index, other): &&(usize, Pause)| {
                other != pause
                    || (pause != Pause::Done
                        && !(place(index).0 == place(first).0 && place(index).1.eq(place(first).1)))
            };
            if let Some(&(other, _)) = pauses.iter().find(differs) {
                let ops = [all[first].op - 1, all[other].op - 1];
                let text = format!("invocations {first} and {other} do not wait at the same barrier");
                self.note(ops, text);
                return;
            }
            match pause {
                Pause::Barrier { workgroup, storage } => {
                    self.epochs[0] += u32::from(workgroup);
                    self.epochs[1] += u32::from(storage);
                }
                Pause::Done | Pause::Fault => return,
            }
        }
    }

    fn note(&mut self, ops: [u32; 2], text: String) {
        let code = self.code;
        self.found.entry((ops[0].min(ops[1]), ops[0].max(ops[1]))).or_insert_with(|| {
            let sites = if ops[0] == ops[1] { vec![ops[0]] } else { ops.to_vec() };
            text + &sites.iter().map(|&op| format!("\n    {}", code.site(op))).collect::<String>()
        });
    }

    /// An access of a word that somebody may write to. Of what is atomic, the order matters.
    fn touch(&mut self, index: u32, op: u32, word: u32, kind: Kind, atomic: bool) {
        let layout = &self.code.layout;
        if word >= layout.read_only {
            return;
        }
        let in_storage = word >= layout.storage;
        let shadow = &mut self.invocations[word as usize];
        let unwritten = !in_storage && matches!(kind, Kind::Read | Kind::Update) && !shadow.is_written();
        let access = Access { owner: index, epoch: self.epochs[usize::from(in_storage)], op };
        let mut rival = shadow.touch(kind, access).map(|rival| (rival, "invocations", index));
        if in_storage && !atomic {
            let access = Access { owner: self.workgroup, epoch: 0, op };
            let of_others = self.workgroups[word as usize].touch(kind, access);
            rival = rival.or(of_others.map(|rival| (rival, "workgroups", self.workgroup)));
        }
        if unwritten {
            self.note([op, op], format!("{} is read before it is written", self.code.element(word)));
        }
        if let Some((rival, who, own)) = rival {
            let text = format!("{}: {who} {} and {own}, {RACE}", self.code.element(word), rival.owner);
            self.note([rival.op, op], text);
        }
    }

    fn word(&self, memory: &[u32], frame: u32, place: Place) -> u32 {
        memory[place.base.place(frame)] + place.first
    }
}

impl Invocation {
    fn get(&self, word: Word) -> u32 {
        self.memory[word.place(self.frame)]
    }

    fn set(&mut self, word: Word, value: u32) {
        let place = word.place(self.frame);
        self.memory[place] = value;
    }

    /// Up to the next barrier, or the end.
    fn advance(&mut self, index: u32, shared: &mut Shared) -> Pause {
        let code = shared.code;
        for _ in 0..ENDLESS {
            let at = self.op;
            self.op += 1;
            match code.ops[at as usize] {
                Op::Copy { to, from, words: 1 } => self.set(to, self.get(from)),
                Op::Copy { to, from, words } => {
                    let from = from.place(self.frame);
                    self.memory.copy_within(from..from + words as usize, to.place(self.frame));
                }
                Op::One { f, to, a } => self.set(to, f(self.get(a))),
                Op::Two { f, to, a, b } => self.set(to, f(self.get(a), self.get(b))),
                Op::Three { f, to, a, b, c } => self.set(to, f(self.get(a), self.get(b), self.get(c))),
                Op::Wide { f, to, a, b } => {
                    let of = |pair: [Word; 2]| u64::from(self.get(pair[0])) | u64::from(self.get(pair[1])) << 32;
                    let value = f(of(a), of(b));
                    self.set(to, value as u32);
                    self.set(to.plus(1), (value >> 32) as u32);
                }
                Op::Within { limit, a } => {
                    let value = self.get(a);
                    if !limit.allows(value) {
                        shared.note([at, at], format!("{limit:?} {value}"));
                    }
                }
                Op::Address { to, of } => self.set(to, of.place(self.frame) as u32),
                Op::Index { to, base, index: element, stride, count } => {
                    let element = self.get(element);
                    if element >= count {
                        shared.note([at, at], format!("element {element} of {count}"));
                        return Pause::Fault;
                    }
                    self.set(to, self.get(base) + element * stride);
                }
                Op::Load { to, from, words } => {
                    let from = shared.word(&self.memory, self.frame, from) as usize;
                    self.memory.copy_within(from..from + words as usize, to.place(self.frame));
                }
                Op::Store { to, from } => {
                    let to = shared.word(&self.memory, self.frame, to) as usize;
                    self.memory[to] = self.get(from);
                }
                Op::Read { to, from, words, atomic } => {
                    let from = shared.word(&self.memory, self.frame, from);
                    for i in 0..words {
                        shared.touch(index, at, from + i, Kind::Read, atomic);
                        self.set(to.plus(i), shared.words[(from + i) as usize]);
                    }
                }
                Op::Write { to, from, atomic } => {
                    let to = shared.word(&self.memory, self.frame, to);
                    let value = self.get(from);
                    let kind = if atomic && shared.words[to as usize] == value { Kind::Repeat } else { Kind::Write };
                    shared.touch(index, at, to, kind, atomic);
                    shared.words[to as usize] = value;
                }
                Op::Atomic { f, before, at: place, with } => {
                    let word = shared.word(&self.memory, self.frame, place);
                    shared.touch(index, at, word, Kind::Update, true);
                    let value = shared.words[word as usize];
                    shared.words[word as usize] = f(value, self.get(with));
                    self.set(before, value);
                }
                Op::Jump { to } => self.op = to,
                Op::Unless { a, to } => {
                    if self.get(a) == 0 {
                        self.op = to;
                    }
                }
                Op::Call { to, frame } => {
                    self.calls.push((self.op, self.frame));
                    (self.op, self.frame) = (to, self.frame + frame);
                }
                Op::Return => match self.calls.pop() {
                    Some(caller) => (self.op, self.frame) = caller,
                    None => return Pause::Done,
                },
                Op::Barrier { workgroup, storage } => return Pause::Barrier { workgroup, storage },
            }
        }
        shared.note([self.op, self.op], "no end".into());
        Pause::Fault
    }
}
