//! Two runs of the Python, compared: what differs between them is not determined by what
//! the log holds.
//!
//! Enters: what both did in one call. Leaves: the fields that differ. This module must not
//! know what the native task did.

use super::difference;
use super::*;

impl Tally {
    pub(super) fn twin(&mut self, call: Call, python: &Outcome, again: Option<&Outcome>) {
        let Some(again) = again else { return };
        self.twin_calls += 1;
        let (cycle, names) = match call {
            Call::Process(id) => (id, self.names.as_slice()),
            // What stands in the slots before the first cycle is nobody's.
            Call::Start | Call::Stop => (0, &[][..]),
        };
        let mut ruled = Ruled {
            rules: &mut self.rules,
            cycle,
            counts: false,
        };
        let found = difference::of_outcomes(python, again, names, &mut ruled);
        let mut counted: Vec<(String, Place)> = Vec::new();
        for difference in found {
            let key = (difference.pattern.clone(), difference.place);
            if counted.contains(&key) {
                continue;
            }
            counted.push(key.clone());
            self.nondeterministic
                .entry(key)
                .and_modify(|field| field.cycles += 1)
                .or_insert_with(|| Nondeterministic {
                    path: match difference.place {
                        Place::Error | Place::Panic => "whether the call fails".into(),
                        _ => difference.pattern.clone(),
                    },
                    cycles: 1,
                    first: call,
                    values: (difference.left.clone(), difference.right.clone()),
                });
        }
    }
}
