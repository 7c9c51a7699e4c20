//! A robot on a road map: what is looked at while it is run through, and what is lent.
//!
//! Translated by migrate 0.1.0 from `roadmap.py`: 107 of 107 statements.
//! Warning MIG0301 line 146: `graph` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 147: `drive` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 148: `parser` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 149: `machine` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "roadmap", script = "roadmap.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "04911239326d40ff", seal = "859dab6a2d2532bf"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const EDGES: [(&str, &str, f64); 5] = [
    ("A", "B", 1.0),
    ("B", "C", 2.5),
    ("A", "C", 5.0),
    ("C", "D", 1.5),
    ("D", "A", 9.0),
];

#[derive(Debug, Reflect)]
pub struct Roadmap {
    state: DriveState,
    graph: Graph,
    drive: DriveObject,
    parser: Parser,
    machine: Machine,
}

impl Freezable for Roadmap {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.graph, encoder)?;
        Encode::encode(&self.drive, encoder)?;
        Encode::encode(&self.parser, encoder)?;
        Encode::encode(&self.machine, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.graph = Decode::decode(decoder)?;
        self.drive = Decode::decode(decoder)?;
        self.parser = Decode::decode(decoder)?;
        self.machine = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Roadmap {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            graph: Graph::new(),
            drive: DriveObject::new(),
            parser: Parser::new(),
            machine: Machine::new(),
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, measured) = *input;
        let (drive, alarm) = output;
        let state = &mut self.state;
        let (Some(goal_payload), Some(measured_payload)) = (goal.payload(), measured.payload())
        else {
            return Ok(());
        };
        self.graph.congestion.insert(
            "B".to_string(),
            5.0_f64.min(f64::from(goal_payload.speed).abs()),
        );
        if goal_payload.speed > 3.0 {
            let key = self.graph.key("A", "B");
            self.graph.blocked.insert(key, 1);
        }
        let (path, cost) = self.graph.shortest("A", "D")?;
        let mut force: Option<String> = None;
        if cost > 8.0 {
            force = if path.as_ref().is_some_and(|x| !x.is_empty()) {
                Some(
                    path.as_ref()
                        .ok_or("roadmap.py:162: AttributeError (None)")?
                        .join("-"),
                )
            } else {
                Some("none".into())
            };
        }
        self.machine
            .step(f64::from(goal_payload.speed), force.as_deref());
        drive.payload_mut().get_or_insert_default().accel = (cost
            + self.drive.step(
                f64::from(goal_payload.speed),
                f64::from(measured_payload.speed),
            )?) as f32;
        let text = self.machine.tag(force.as_deref());
        alarm.payload_mut().get_or_insert_default().reason = format!(
            "{text}{}",
            match self.parser.update(i64::from(state.missed % 10), 1)? {
                Some(x) if !x.is_empty() => x.clone(),
                _ => "none".into(),
            }
        );
        state.missed = u32::try_from(
            i64::from(state.missed)
                .checked_add(self.machine.n)
                .ok_or("roadmap.py:166: `missed` leaves u32")?,
        )
        .map_err(|_| "roadmap.py:166: `missed` leaves u32")?;
        Ok(())
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Graph {
    adj: BTreeMap<String, Vec<(String, f64)>>,
    congestion: BTreeMap<String, f64>,
    blocked: BTreeMap<(String, String), i64>,
}

impl Graph {
    fn new() -> Self {
        let mut adj: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
        let mut congestion: BTreeMap<String, f64> = BTreeMap::new();
        for &(a, b, w) in &EDGES {
            set_item(adj.entry(a.to_string()).or_default(), b.to_string(), w);
            set_item(adj.entry(b.to_string()).or_default(), a.to_string(), w);
            congestion.insert(a.to_string(), 0.0);
            congestion.insert(b.to_string(), 0.0);
        }
        Self {
            adj,
            congestion,
            blocked: BTreeMap::new(),
        }
    }

    fn key(&self, a: &str, b: &str) -> (String, String) {
        if a < b {
            (a.to_string(), b.to_string())
        } else {
            (b.to_string(), a.to_string())
        }
    }

    fn shortest(&mut self, src: &str, dst: &str) -> CuResult<(Option<Vec<String>>, f64)> {
        let mut dist: BTreeMap<String, f64> = BTreeMap::from([(src.to_string(), 0.0)]);
        let mut prev: BTreeMap<String, String> = BTreeMap::new();
        let mut queue: Vec<(f64, String)> = vec![(0.0, src.to_string())];
        let mut done: BTreeSet<String> = BTreeSet::new();
        while !queue.is_empty() {
            let (d, n) =
                heap_pop(&mut queue).ok_or("roadmap.py:34: IndexError: index out of range")?;
            if done.contains(&n) {
                continue;
            }
            done.insert(n.clone());
            if n == dst {
                let mut path = vec![n.clone()];
                while *path
                    .last()
                    .ok_or("roadmap.py:40: IndexError: list index out of range")?
                    != src
                {
                    path.push(
                        prev.get(
                            path.last()
                                .ok_or("roadmap.py:41: IndexError: list index out of range")?,
                        )
                        .ok_or("roadmap.py:41: KeyError (no such key, a str)")?
                        .clone(),
                    );
                }
                return Ok((Some(path.iter().rev().cloned().collect()), d));
            }
            self.adj.entry(n.clone()).or_default();
            for &(ref m_, w_) in &self.adj[&n] {
                if !self.blocked.contains_key(&self.key(&n, m_)) {
                    let m = m_.clone();
                    let w = w_
                        * (1.0
                            + *self
                                .congestion
                                .get(m_)
                                .ok_or("roadmap.py:26: KeyError (no such key, a str)")?);
                    let nd = d + w;
                    if nd < dist.get(&m).copied().unwrap_or(f64::INFINITY) {
                        let value = n.clone();
                        dist.insert(m.clone(), nd);
                        prev.insert(m.clone(), value);
                        heap_push(
                            &mut queue,
                            without_nan((nd, m.clone()))
                                .ok_or("roadmap.py:47: a NaN in a heap of tuples")?,
                        );
                    }
                }
            }
        }
        Ok((None, f64::INFINITY))
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Module {
    k: f64,
    angle: f64,
    speed: f64,
}

impl Module {
    fn new(k: f64) -> Self {
        Self {
            k,
            angle: 0.0,
            speed: 0.0,
        }
    }

    fn set(&mut self, st: (f64, f64)) {
        self.angle = st.0;
        self.speed += st.1 * self.k;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct DriveObject {
    modules: Vec<Module>,
    scale: f64,
    count: i64,
}

impl DriveObject {
    fn new() -> Self {
        Self {
            modules: vec![Module::new(0.1), Module::new(0.2), Module::new(0.3)],
            scale: 1.0,
            count: 0,
        }
    }

    fn desaturate(&mut self, states: &[(f64, f64)]) -> CuResult<Vec<(f64, f64)>> {
        self.count += 1;
        let top = states
            .iter()
            .map(|&(_, v)| v.abs())
            .reduce(|best, x| if x > best { x } else { best })
            .ok_or("roadmap.py:70: ValueError: max() arg is an empty sequence")?;
        if top > 4.0 {
            return Ok(states.iter().map(|&(a, v)| (a, v * 4.0 / top)).collect());
        }
        Ok(states.to_vec())
    }

    fn halves(&self, states: &[(f64, f64)]) -> Vec<(f64, f64)> {
        states
            .iter()
            .map(|&(a, v)| (a, v * 0.5 * self.scale))
            .collect()
    }

    fn step(&mut self, vx: f64, vy: f64) -> CuResult<f64> {
        let states: Vec<(f64, f64)> = self.modules.iter().map(|m| (vx * m.k, vy + m.k)).collect();
        let items = self.desaturate(&states)?;
        for (m, &st) in self.modules.iter_mut().zip(&items) {
            m.set(st);
        }
        let items_2 = self.halves(&states);
        for (m, &st) in self.modules.iter_mut().zip(&items_2) {
            m.set(st);
        }
        let items_3 = self.desaturate(&states)?;
        for (i, (m, &st)) in self.modules.iter_mut().zip(&items_3).enumerate() {
            m.speed += i as f64 * st.1;
        }
        Ok(self
            .modules
            .iter()
            .map(|m| m.speed)
            .fold(0.0, |sum, x| sum + x))
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Msg {
    name: String,
    addr: i64,
    bad: i64,
}

impl Msg {
    fn new(name: &str, addr: i64) -> Self {
        Self {
            name: name.to_string(),
            addr,
            bad: 0,
        }
    }

    fn parse(&mut self, v: i64) -> bool {
        self.bad = if v < 0 { self.bad + 1 } else { 0 };
        self.bad < 3
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Parser {
    states: BTreeMap<i64, Msg>,
    seen: BTreeMap<String, i64>,
    notes: BTreeMap<String, i64>,
    names: BTreeSet<String>,
}

impl Parser {
    fn new() -> Self {
        let mut states: BTreeMap<i64, Msg> = BTreeMap::new();
        for (n, a) in [
            ("speed".to_string(), 5),
            ("steer".to_string(), 7),
            ("x".to_string(), 9),
        ] {
            states.insert(a, Msg::new(&n, a));
        }
        Self {
            states,
            seen: BTreeMap::new(),
            notes: BTreeMap::new(),
            names: BTreeSet::new(),
        }
    }

    fn update(&mut self, addr: i64, v: i64) -> CuResult<Option<String>> {
        let st = if self.states.contains_key(&addr) {
            Some(addr)
        } else {
            None
        };
        let Some(st) = st else {
            return Ok(None);
        };
        let slot = self
            .seen
            .entry(
                self.states
                    .get(&st)
                    .ok_or("roadmap.py:113: KeyError (no such key, an int)")?
                    .name
                    .clone(),
            )
            .or_insert(0);
        *slot = slot
            .checked_add(1)
            .ok_or("roadmap.py:113: an int leaves 64 bits")?;
        self.notes.insert(
            self.states
                .get(&st)
                .ok_or("roadmap.py:114: KeyError (no such key, an int)")?
                .name
                .clone(),
            v,
        );
        self.names.insert(
            self.states
                .get(&st)
                .ok_or("roadmap.py:115: KeyError (no such key, an int)")?
                .name
                .clone(),
        );
        if !self
            .states
            .get_mut(&st)
            .ok_or("roadmap.py:116: KeyError (no such key, an int)")?
            .parse(v)
        {
            return Ok(Some(
                self.states
                    .get(&st)
                    .ok_or("roadmap.py:117: KeyError (no such key, an int)")?
                    .name
                    .clone(),
            ));
        }
        Ok(
            if *self
                .notes
                .get(
                    self.states
                        .get(&st)
                        .ok_or("roadmap.py:118: KeyError (no such key, an int)")?
                        .name
                        .as_str(),
                )
                .ok_or("roadmap.py:118: KeyError (no such key, a str)")?
                > 2
            {
                Some(format!(
                    "{}!",
                    self.states
                        .get(&st)
                        .ok_or("roadmap.py:118: KeyError (no such key, an int)")?
                        .name
                ))
            } else {
                None
            },
        )
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Machine {
    state: String,
    n: i64,
}

impl Machine {
    fn new() -> Self {
        Self {
            state: "idle".into(),
            n: 0,
        }
    }

    fn run(&self, v: f64) -> Option<String> {
        if self.state == "idle" && v > 1.0 {
            return Some("go".into());
        }
        if self.state == "go" && v < -1.0 {
            return Some("idle".into());
        }
        None
    }

    fn step(&mut self, v: f64, force: Option<&str>) -> String {
        let nxt = if force.is_some_and(|x| !x.is_empty()) {
            force.map(|x| x.to_string())
        } else {
            self.run(v)
        };
        if nxt.as_ref().is_some_and(|x| !x.is_empty())
            && self.state != nxt.as_deref().unwrap_or_default()
        {
            self.state = nxt.as_deref().unwrap_or_default().to_string();
            self.n += 1;
        }
        self.state.clone()
    }

    fn tag(&self, force: Option<&str>) -> String {
        if let Some(force) = force {
            return format!("{force}!");
        }
        "-".into()
    }
}

/// Python's `heapq.heappush(heap, item)`.
fn heap_push<T: PartialOrd>(heap: &mut Vec<T>, item: T) {
    heap.push(item);
    let mut at = heap.len() - 1;
    while at > 0 && heap[at] < heap[(at - 1) / 2] {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

/// Python's `heapq.heappop(heap)`: `None` where it raises an IndexError.
fn heap_pop<T: PartialOrd>(heap: &mut Vec<T>) -> Option<T> {
    let end = heap.len().checked_sub(1)?;
    heap.swap(0, end);
    let least = heap.pop();
    // The hole goes down to a leaf, and what fills it up again.
    let mut at = 0;
    while 2 * at + 1 < end {
        let left = 2 * at + 1;
        let right = left + 1;
        let child = if right >= end || heap[left] < heap[right] {
            left
        } else {
            right
        };
        heap.swap(at, child);
        at = child;
    }
    while at > 0 && heap[at] < heap[(at - 1) / 2] {
        heap.swap(at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    least
}

/// A value that may go into an order: `None` where it holds a NaN.
fn without_nan<T: PartialOrd>(x: T) -> Option<T> {
    x.partial_cmp(&x).is_some().then_some(x)
}

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}
