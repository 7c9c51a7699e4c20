//! Commands that need subsystems, which know the command that has them.
//!
//! Translated by migrate 0.1.0 from `command_scheduler.py`: 63 of 63 statements.
//! Warning MIG0301 line 4: `subsystems` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 11: `commands` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! Warning MIG0301 line 64: `scheduler` lives outside `state`: Copper's keyframes did not hold it;
//! here it is frozen with the task.
//! migrate: task = "command_scheduler", script = "command_scheduler.py", mode = "embedded"
//! migrate: state = "crate::tasks::DriveState", source = "5d9c96a4148e3c4e", seal = "48260ad9cf7521af"

use crate::tasks::{Alarm, Drive, DriveState, Goal, Measured};
use cu29::bincode::de::Decoder;
use cu29::bincode::enc::Encoder;
use cu29::bincode::error::{DecodeError, EncodeError};
use cu29::bincode::{Decode, Encode};
use cu29::prelude::*;

#[derive(Debug, Reflect)]
pub struct CommandScheduler {
    state: DriveState,
    commands: Vec<Command>,
    subsystems: Vec<Subsystem>,
    drive: usize,
    arm: usize,
    go: usize,
    lift: usize,
    dock: usize,
    scheduler: Scheduler,
}

impl Freezable for CommandScheduler {
    fn freeze<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        Encode::encode(&self.state, encoder)?;
        Encode::encode(&self.commands, encoder)?;
        Encode::encode(&self.subsystems, encoder)?;
        Encode::encode(&self.scheduler, encoder)?;
        Ok(())
    }

    fn thaw<D: Decoder>(&mut self, decoder: &mut D) -> Result<(), DecodeError> {
        self.state = Decode::decode(decoder)?;
        self.commands = Decode::decode(decoder)?;
        self.subsystems = Decode::decode(decoder)?;
        self.scheduler = Decode::decode(decoder)?;
        Ok(())
    }
}

impl CuTask for CommandScheduler {
    type Resources<'r> = ();
    type Input<'m> = input_msg!('m, Goal, Measured);
    type Output<'m> = output_msg!(Drive, Alarm);

    fn new(_config: Option<&ComponentConfig>, _resources: Self::Resources<'_>) -> CuResult<Self> {
        let mut commands = Vec::new();
        let mut subsystems = Vec::new();
        let drive = new_subsystem("drive", &mut subsystems);
        let arm = new_subsystem("arm", &mut subsystems);
        let go = new_command("go", &[drive], 3, &mut commands);
        let lift = new_command("lift", &[arm], 2, &mut commands);
        let dock = new_command("dock", &[drive, arm], 4, &mut commands);
        let scheduler = Scheduler::new();
        Ok(Self {
            state: DriveState::default(),
            commands,
            subsystems,
            drive,
            arm,
            go,
            lift,
            dock,
            scheduler,
        })
    }

    fn process(
        &mut self,
        _ctx: &CuContext,
        input: &Self::Input<'_>,
        output: &mut Self::Output<'_>,
    ) -> CuResult<()> {
        let (goal, _meas) = *input;
        let (drive, alarm) = output;
        let mut state = self.state.clone();
        state.missed = state
            .missed
            .checked_add(1)
            .ok_or("command_scheduler.py:69: `missed` leaves u32")?;
        if let Some(goal_payload) = goal.payload() {
            if goal_payload.speed > 0.5 {
                self.scheduler
                    .schedule(self.go, &mut self.commands, &mut self.subsystems)?;
            } else if goal_payload.speed < -0.5 {
                self.scheduler
                    .schedule(self.lift, &mut self.commands, &mut self.subsystems)?;
            }
        }
        if state.missed.is_multiple_of(5) {
            self.scheduler
                .schedule(self.dock, &mut self.commands, &mut self.subsystems)?;
        }
        self.scheduler
            .run(&mut self.commands, &mut self.subsystems)?;
        drive.set_payload(Drive {
            accel: self.subsystems[self.drive].power as f64 as f32,
            sector: (self.subsystems[self.arm].power as i64)
                .wrapping_add(1)
                .rem_euclid(256) as u8,
        });
        let names = self
            .scheduler
            .scheduled
            .iter()
            .map(|&c| self.commands[c].name.clone())
            .collect::<Vec<_>>()
            .join(",");
        let has: String = if self.subsystems[self.drive].current.is_some() {
            self.commands[self.subsystems[self.drive]
                .current
                .ok_or("command_scheduler.py:80: AttributeError (None)")?]
            .name
            .clone()
        } else {
            "none".into()
        };
        alarm.set_payload(Alarm {
            reason: format!("{names} {has}"),
            missed: u32::try_from(self.scheduler.interrupts)
                .map_err(|_| "command_scheduler.py:81: `missed` leaves u32")?,
        });
        self.state = state;
        Ok(())
    }
}

#[allow(clippy::ptr_arg)]
fn new_subsystem(name: &str, subsystems: &mut Vec<Subsystem>) -> usize {
    let at = subsystems.len();
    subsystems.push(Subsystem::new(name));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Subsystem {
    name: String,
    power: i128,
    current: Option<usize>,
}

impl Subsystem {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_string(),
            power: 0,
            current: None,
        }
    }
}

#[allow(clippy::ptr_arg)]
fn new_command(
    name: &str,
    requirements: &[usize],
    cycles: i64,
    commands: &mut Vec<Command>,
) -> usize {
    let at = commands.len();
    commands.push(Command::new(name, requirements, cycles));
    at
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Command {
    name: String,
    requirements: Vec<usize>,
    cycles: i64,
    n: i64,
}

impl Command {
    fn new(name: &str, requirements: &[usize], cycles: i64) -> Self {
        let requirements_value = requirements.to_vec();
        Self {
            name: name.to_string(),
            requirements: requirements_value,
            cycles,
            n: 0,
        }
    }

    #[allow(clippy::ptr_arg)]
    fn execute(&mut self, subsystems: &mut Vec<Subsystem>) {
        self.n += 1;
        for &subsystem in &self.requirements {
            subsystems[subsystem].power = i128::from(self.n) * 10;
        }
    }

    fn is_finished(&self) -> bool {
        self.n >= self.cycles
    }

    #[allow(clippy::ptr_arg)]
    fn end(&self, interrupted: bool, subsystems: &mut Vec<Subsystem>) {
        for &subsystem in &self.requirements {
            subsystems[subsystem].power = i128::from(if interrupted { -1 } else { 0 });
        }
    }
}

#[derive(Debug, Clone, Encode, Decode, Reflect)]
#[bincode(crate = "cu29::bincode")]
struct Scheduler {
    scheduled: Vec<usize>,
    interrupts: i64,
}

impl Scheduler {
    fn new() -> Self {
        Self {
            scheduled: Vec::new(),
            interrupts: 0,
        }
    }

    #[allow(clippy::needless_range_loop)]
    #[allow(clippy::ptr_arg)]
    fn schedule(
        &mut self,
        command: usize,
        commands: &mut Vec<Command>,
        subsystems: &mut Vec<Subsystem>,
    ) -> CuResult<()> {
        for subsystem_index in 0..commands[command].requirements.len() {
            let subsystem = commands[command].requirements[subsystem_index];
            if subsystems[subsystem].current.is_some()
                && subsystems[subsystem].current != Some(command)
            {
                commands[subsystems[subsystem]
                    .current
                    .ok_or("command_scheduler.py:39: AttributeError (None)")?]
                .end(true, subsystems);
                self.interrupts += 1;
                if subsystems[subsystem]
                    .current
                    .is_some_and(|x| self.scheduled.contains(&x))
                {
                    {
                        let wanted = subsystems[subsystem].current;
                        self.scheduled.remove(self.scheduled.iter().position(|&x| Some(x) == wanted).ok_or("command_scheduler.py:42: ValueError: list.remove(x): x not in list")?);
                    }
                }
            }
            subsystems[subsystem].current = Some(command);
        }
        if !self.scheduled.contains(&command) {
            commands[command].n = 0;
            self.scheduled.push(command);
        }
        Ok(())
    }

    #[allow(clippy::needless_range_loop)]
    #[allow(clippy::ptr_arg)]
    fn run(
        &mut self,
        commands: &mut Vec<Command>,
        subsystems: &mut Vec<Subsystem>,
    ) -> CuResult<()> {
        for &command in &self.scheduled.to_vec() {
            commands[command].execute(subsystems);
            if commands[command].is_finished() {
                commands[command].end(false, subsystems);
                self.scheduled.remove(
                    self.scheduled.iter().position(|&x| x == command).ok_or(
                        "command_scheduler.py:53: ValueError: list.remove(x): x not in list",
                    )?,
                );
                for subsystem_index in 0..commands[command].requirements.len() {
                    let subsystem = commands[command].requirements[subsystem_index];
                    if subsystems[subsystem].current == Some(command) {
                        subsystems[subsystem].current = None;
                    }
                }
            }
        }
        Ok(())
    }
}
