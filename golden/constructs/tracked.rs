//! Objects that are made while the task runs, outlive the call, and have several names.
//!
//! Translated by migrate 0.1.0 from `tracked.py`: 178 of 178 statements.
//! Warning MIG0301 line 5: `tracks` lives outside `state`: Copper's keyframes did not hold it; here
//! it is frozen with the task.
//! Warning MIG0301 line 44: `places` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 88: `commands` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 143: `tracker` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 144: `trail` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 145: `executor` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0316 line 166: `sum` of these may leave 64 bits: an error in the Rust, where Python
//! goes on.
//! migrate: task = "tracked", script = "tracked.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "14cb98f1e9606035", seal = "3696ad92c2d1fed7"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;
use std::collections::VecDeque;

#[derive(Debug, Reflect)]
pub struct Tracked {
    state: DriveState,
    commands: Vec<Command>,
    free_commands: Vec<usize>,
    places: Vec<Place>,
    free_places: Vec<usize>,
    tracks: Vec<Track>,
    free_tracks: Vec<usize>,
    tracker: Tracker,
    trail: Trail,
    executor: Executor,
}

impl Freezable for Tracked {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.commands, encoder)?;
        Encode::encode(&self.free_commands, encoder)?;
        Encode::encode(&self.places, encoder)?;
        Encode::encode(&self.free_places, encoder)?;
        Encode::encode(&self.tracks, encoder)?;
        Encode::encode(&self.free_tracks, encoder)?;
        Encode::encode(&self.tracker, encoder)?;
        Encode::encode(&self.trail, encoder)?;
        Encode::encode(&self.executor, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.commands = Decode::decode(decoder)?;
        self.free_commands = Decode::decode(decoder)?;
        self.places = Decode::decode(decoder)?;
        self.free_places = Decode::decode(decoder)?;
        self.tracks = Decode::decode(decoder)?;
        self.free_tracks = Decode::decode(decoder)?;
        self.tracker = Decode::decode(decoder)?;
        self.trail = Decode::decode(decoder)?;
        self.executor = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for Tracked {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        Ok(Self {
            state: DriveState::default(),
            commands: Vec::new(),
            free_commands: Vec::new(),
            places: Vec::new(),
            free_places: Vec::new(),
            tracks: Vec::new(),
            free_tracks: Vec::new(),
            tracker: Tracker::new(),
            trail: Trail::new(),
            executor: Executor::new(),
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
        if self.free_commands.is_empty() {
            find_free_commands(&self.commands, &self.executor, &mut self.free_commands);
        }
        if self.free_places.is_empty() {
            find_free_places(&mut self.free_places, &self.places, &self.trail)?;
        }
        if self.free_tracks.is_empty() {
            find_free_tracks(&mut self.free_tracks, &self.tracker, &self.tracks);
        }
        let mut x = 0.0;
        if let Some(measured_payload) = measured.payload() {
            x = f64::from(measured_payload.ranges[1]);
            self.tracker.step(
                &measured_payload
                    .ranges
                    .iter()
                    .filter(|&&r| f64::from(r).abs() < 50.0)
                    .map(|&r| f64::from(r))
                    .collect::<Vec<_>>(),
                &mut self.free_tracks,
                &mut self.tracks,
            )?;
            self.trail.add(
                (-5.0_f64).max(5.0_f64.min(x)),
                &mut self.free_places,
                &mut self.places,
            )?;
            if measured_payload.speed > 1.0 {
                self.trail.mark("fast", &self.places);
                self.executor.push(add_move(
                    Move::new(if x > 1.0 { 3 } else { 2 }),
                    &mut self.commands,
                    &mut self.free_commands,
                )?);
            } else if measured_payload.speed < -1.0 {
                self.trail.mark("slow", &self.places);
            }
        }
        if let Some(goal_payload) = goal.payload()
            && goal_payload.speed > 0.0
        {
            self.executor.push(add_wait(
                Wait::new(f64::from(goal_payload.speed)),
                &mut self.commands,
                &mut self.free_commands,
            )?);
        }
        self.trail.look(&mut self.places);
        self.executor.step(x, &mut self.commands)?;
        let best = self.tracker.best;
        if let Some(best) = best {
            let seen = self
                .trail
                .marks
                .iter()
                .map(|&(_, place)| self.places[place].seen)
                .try_fold(0_i64, |sum: i64, x| sum.checked_add(x))
                .ok_or("tracked.py:166: an int leaves 64 bits")?;
            drive.set_payload(Drive {
                accel: (self.tracks[best].x + self.trail.total(&self.places) + seen as f64) as f32,
                sector: (self.tracks[best].hits & 255) as u8,
            });
        }
        let slowest = self.executor.slowest;
        if let Some(slowest) = slowest {
            let text = self
                .trail
                .pairs
                .iter()
                .map(|&(value, place)| {
                    format!("{}/{}", fixed_text(value, 2), self.places[place].seen)
                })
                .collect::<Vec<_>>()
                .join(" ");
            alarm.set_payload(Alarm {
                reason: format!(
                    "{} {} {text}",
                    self.commands[slowest].name(),
                    self.commands[slowest].ticks()
                ),
                missed: u32::try_from(self.executor.queue.len())
                    .map_err(|_| "tracked.py:171: `missed` leaves u32")?,
            });
            if x < -1.0 {
                self.executor.slowest = None;
            }
        }
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn find_free_tracks(free_tracks: &mut Vec<usize>, tracker: &Tracker, tracks: &[Track]) {
    let mut used = vec![false; tracks.len()];
    for &track in &tracker.tracks {
        used[track] = true;
    }
    if let Some(best) = tracker.best {
        used[best] = true;
    }
    *free_tracks = used
        .iter()
        .enumerate()
        .filter(|&(_, &is_used)| !is_used)
        .map(|(at, _)| at)
        .collect();
}

#[allow(clippy::ptr_arg)]
fn add_track(
    track: Track,
    free_tracks: &mut Vec<usize>,
    tracks: &mut Vec<Track>,
) -> CuResult<usize> {
    let at: usize;
    if !free_tracks.is_empty() {
        at = free_tracks
            .pop()
            .ok_or("tracked.py:5: IndexError: pop from empty list")?;
        tracks[at] = track;
    } else {
        at = tracks.len();
        tracks.push(track);
    }
    Ok(at)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Track {
    ident: i64,
    x: f64,
    hits: i64,
    misses: i64,
}

impl Track {
    fn new(ident: i64, x: f64) -> Self {
        Self {
            ident,
            x,
            hits: 1,
            misses: 0,
        }
    }

    fn update(&mut self, x: f64) {
        self.x += 0.5 * (x - self.x);
        self.hits += 1;
        self.misses = 0;
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Tracker {
    tracks: Vec<usize>,
    best: Option<usize>,
    made: i64,
}

impl Tracker {
    fn new() -> Self {
        Self {
            tracks: Vec::new(),
            best: None,
            made: 0,
        }
    }

    #[allow(clippy::ptr_arg)]
    fn step(
        &mut self,
        points: &[f64],
        free_tracks: &mut Vec<usize>,
        tracks: &mut Vec<Track>,
    ) -> CuResult<()> {
        for &p in points {
            let mut nearest: Option<usize> = None;
            for &t in &self.tracks {
                if (tracks[t].x - p).abs() < 0.5
                    && nearest.is_none_or(|nearest| {
                        (tracks[t].x - p).abs() < (tracks[nearest].x - p).abs()
                    })
                {
                    nearest = Some(t);
                }
            }
            if let Some(nearest) = nearest {
                tracks[nearest].update(p);
            } else {
                self.tracks
                    .push(add_track(Track::new(self.made, p), free_tracks, tracks)?);
                self.made += 1;
            }
        }
        for &t in &self.tracks {
            tracks[t].misses += 1;
        }
        for &t in &self.tracks.to_vec() {
            if tracks[t].misses >= 4 {
                self.tracks.remove(
                    self.tracks
                        .iter()
                        .position(|&x| x == t)
                        .ok_or("tracked.py:39: ValueError: list.remove(x): x not in list")?,
                );
            }
        }
        if self.best.is_none_or(|best| !self.tracks.contains(&best)) {
            self.best = if !self.tracks.is_empty() {
                Some(
                    self.tracks
                        .iter()
                        .copied()
                        .reduce(|best, t| {
                            if tracks[t].hits > tracks[best].hits {
                                t
                            } else {
                                best
                            }
                        })
                        .ok_or("tracked.py:41: ValueError: max() arg is an empty sequence")?,
                )
            } else {
                None
            };
        }
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn find_free_places(free_places: &mut Vec<usize>, places: &[Place], trail: &Trail) -> CuResult<()> {
    let mut used = vec![false; places.len()];
    let mut found: Vec<Option<usize>> = Vec::new();
    if let Some(last) = trail.last {
        found.push(Some(last));
    }
    for &(_, place) in &trail.marks {
        found.push(Some(place));
    }
    for &item in &trail.pairs {
        found.push(Some(item.1));
    }
    while !found.is_empty() {
        let place = found
            .pop()
            .ok_or("tracked.py:44: IndexError: pop from empty list")?;
        if !used[place.ok_or("tracked.py:44: AttributeError (None)")?] {
            used[place.ok_or("tracked.py:44: AttributeError (None)")?] = true;
            if places[place.ok_or("tracked.py:44: AttributeError (None)")?]
                .before
                .is_some()
            {
                found.push(places[place.ok_or("tracked.py:44: AttributeError (None)")?].before);
            }
        }
    }
    *free_places = used
        .iter()
        .enumerate()
        .filter(|&(_, &is_used)| !is_used)
        .map(|(at, _)| at)
        .collect();
    Ok(())
}

#[allow(clippy::ptr_arg)]
fn add_place(
    place: Place,
    free_places: &mut Vec<usize>,
    places: &mut Vec<Place>,
) -> CuResult<usize> {
    let at: usize;
    if !free_places.is_empty() {
        at = free_places
            .pop()
            .ok_or("tracked.py:44: IndexError: pop from empty list")?;
        places[at] = place;
    } else {
        at = places.len();
        places.push(place);
    }
    Ok(at)
}

/// The newest place knows the one before it.
#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Place {
    value: f64,
    before: Option<usize>,
    seen: i64,
}

impl Place {
    fn new(value: f64, before: Option<usize>) -> Self {
        Self {
            value,
            before,
            seen: 0,
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Trail {
    last: Option<usize>,
    marks: Vec<(String, usize)>,
    pairs: VecDeque<(f64, usize)>,
}

impl Trail {
    fn new() -> Self {
        Self {
            last: None,
            marks: Vec::new(),
            pairs: VecDeque::with_capacity(3),
        }
    }

    #[allow(clippy::ptr_arg)]
    fn add(
        &mut self,
        value: f64,
        free_places: &mut Vec<usize>,
        places: &mut Vec<Place>,
    ) -> CuResult<()> {
        self.last = Some(add_place(
            Place::new(value, self.last),
            free_places,
            places,
        )?);
        let mut at = Some(self.last.unwrap_or_default());
        let mut length: i64 = 1;
        while places[at.ok_or("tracked.py:63: AttributeError (None)")?]
            .before
            .is_some()
            && length < 5
        {
            at = places[at.ok_or("tracked.py:64: AttributeError (None)")?].before;
            length += 1;
        }
        places[at.ok_or("tracked.py:66: AttributeError (None)")?].before = None;
        Ok(())
    }

    fn mark(&mut self, name: &str, places: &[Place]) {
        if let Some(last) = self.last {
            set_item(&mut self.marks, name.to_string(), last);
            push_window(&mut self.pairs, 3, (places[last].value, last));
        }
    }

    #[allow(clippy::ptr_arg)]
    fn look(&self, places: &mut Vec<Place>) {
        for &(_, place) in &self.marks {
            places[place].seen += 1;
        }
        for &(_, place) in &self.pairs {
            places[place].seen += 10;
        }
    }

    fn total(&self, places: &[Place]) -> f64 {
        let mut total = 0.0;
        let mut at = self.last;
        while at.is_some() {
            total += places[at.unwrap_or_default()].value * 3.0
                + places[at.unwrap_or_default()].seen as f64;
            at = places[at.unwrap_or_default()].before;
        }
        total
    }
}

#[allow(clippy::ptr_arg)]
fn find_free_commands(commands: &[Command], executor: &Executor, free_commands: &mut Vec<usize>) {
    let mut used = vec![false; commands.len()];
    for &command in &executor.queue {
        used[command] = true;
    }
    if let Some(current) = executor.current {
        used[current] = true;
    }
    if let Some(slowest) = executor.slowest {
        used[slowest] = true;
    }
    for &command in &executor.done {
        used[command] = true;
    }
    *free_commands = used
        .iter()
        .enumerate()
        .filter(|&(_, &is_used)| !is_used)
        .map(|(at, _)| at)
        .collect();
}

#[allow(clippy::ptr_arg)]
fn add_move(
    move_: Move,
    commands: &mut Vec<Command>,
    free_commands: &mut Vec<usize>,
) -> CuResult<usize> {
    let at: usize;
    if !free_commands.is_empty() {
        at = free_commands
            .pop()
            .ok_or("tracked.py:88: IndexError: pop from empty list")?;
        commands[at] = Command::Move(move_);
    } else {
        at = commands.len();
        commands.push(Command::Move(move_));
    }
    Ok(at)
}

#[allow(clippy::ptr_arg)]
fn add_wait(
    wait: Wait,
    commands: &mut Vec<Command>,
    free_commands: &mut Vec<usize>,
) -> CuResult<usize> {
    let at: usize;
    if !free_commands.is_empty() {
        at = free_commands
            .pop()
            .ok_or("tracked.py:88: IndexError: pop from empty list")?;
        commands[at] = Command::Wait(wait);
    } else {
        at = commands.len();
        commands.push(Command::Wait(wait));
    }
    Ok(at)
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
enum Command {
    Move(Move),
    Wait(Wait),
}

impl Command {
    fn step(&mut self, x: f64) -> bool {
        match self {
            Self::Move(move_) => move_.step(x),
            Self::Wait(wait) => wait.step(x),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Move(move_) => move_.name.clone(),
            Self::Wait(wait) => wait.name.clone(),
        }
    }

    fn ticks(&self) -> i64 {
        match self {
            Self::Move(move_) => move_.ticks,
            Self::Wait(wait) => wait.ticks,
        }
    }

    fn set_ticks(&mut self, value: i64) {
        match self {
            Self::Move(move_) => {
                move_.ticks = value;
            }
            Self::Wait(wait) => {
                wait.ticks = value;
            }
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Move {
    name: String,
    ticks: i64,
    left: i64,
}

impl Move {
    fn new(left: i64) -> Self {
        Self {
            name: "move".into(),
            ticks: 0,
            left,
        }
    }

    fn step(&mut self, _x: f64) -> bool {
        self.ticks += 1;
        self.left -= 1;
        self.left <= 0
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Wait {
    name: String,
    ticks: i64,
    limit: f64,
}

impl Wait {
    fn new(limit: f64) -> Self {
        Self {
            name: "wait".into(),
            ticks: 0,
            limit,
        }
    }

    fn step(&mut self, x: f64) -> bool {
        self.ticks += 1;
        x > self.limit || self.ticks > 6
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Executor {
    queue: Vec<usize>,
    current: Option<usize>,
    slowest: Option<usize>,
    done: Vec<usize>,
}

impl Executor {
    fn new() -> Self {
        Self {
            queue: Vec::new(),
            current: None,
            slowest: None,
            done: Vec::new(),
        }
    }

    fn push(&mut self, command: usize) {
        if self.queue.len() < 6 {
            self.queue.push(command);
        }
    }

    #[allow(clippy::ptr_arg)]
    fn step(&mut self, x: f64, commands: &mut Vec<Command>) -> CuResult<()> {
        if self.current.is_none() && !self.queue.is_empty() {
            self.current = Some(
                (!self.queue.is_empty())
                    .then(|| self.queue.remove(0))
                    .ok_or("tracked.py:131: IndexError: pop from empty list")?,
            );
        }
        if let Some(current) = self.current
            && commands[current].step(x)
        {
            self.done.push(current);
            if self
                .slowest
                .is_none_or(|slowest| commands[current].ticks() > commands[slowest].ticks())
            {
                self.slowest = Some(current);
            }
            self.current = None;
        }
        while self.done.len() > 3 {
            (!self.done.is_empty())
                .then(|| self.done.remove(0))
                .ok_or("tracked.py:138: IndexError: pop from empty list")?;
        }
        for &command in &self.done {
            let value = commands[command].ticks() + 1;
            commands[command].set_ticks(value);
        }
        Ok(())
    }
}

/// Python's `d[key] = value`: a new key goes to the end, a known one keeps its place.
fn set_item<K: PartialEq, V>(entries: &mut Vec<(K, V)>, key: K, value: V) {
    match entries.iter_mut().find(|(k, _)| *k == key) {
        Some((_, slot)) => *slot = value,
        None => entries.push((key, value)),
    }
}

/// Python's `append` to a `deque` with a `maxlen` from 1: the first element makes room.
fn push_window<T>(window: &mut std::collections::VecDeque<T>, maxlen: usize, x: T) {
    if window.len() >= maxlen {
        window.pop_front();
    }
    window.push_back(x);
}

/// Python's `f"{x:.{digits}f}"`.
fn fixed_text(x: f64, digits: usize) -> String {
    if x.is_nan() {
        "nan".to_string()
    } else {
        format!("{x:.digits$}")
    }
}
