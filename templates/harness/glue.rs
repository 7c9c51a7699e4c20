//! Binds the replay to the task `{{ task }}`; it stands beside the native task so that
//! every name resolves as it does there.

#[allow(unused_imports)]
use super::*;

use crate::__migrate::log::DataSet;
use crate::__migrate::replay::{self, Side};
use crate::__migrate::value::Value;
use cu29::prelude::{ComponentConfig, CuContext, CuMsg, CuResult, CuTask as _};
{% if stateless %}
use cu29::prelude::CuStatelessTask as _;
{% endif %}

type State = {{ state }};
type Python = crate::__migrate::py_task::PyTask<({% for i in inputs %}{{ i.ty }}, {% endfor %}), State, ({% for o in outputs %}{{ o.ty }}, {% endfor %})>;
type Native = super::{{ module }}::{{ native }};
type Output = {{ output }};

struct PythonSide(Python);
struct NativeSide(Native);

impl Side<DataSet, Output> for PythonSide {
    fn start(&mut self, ctx: &CuContext) -> CuResult<()> {
        self.0.start(ctx)
    }
    fn process(&mut self, ctx: &CuContext, data: &DataSet, output: &mut Output) -> CuResult<()> {
        self.0.process(ctx, {{ input }}, output)
    }
    fn stop(&mut self, ctx: &CuContext) -> CuResult<()> {
        self.0.stop(ctx)
    }
    fn state(&self) -> Option<Value> {
        replay::reflected_state::<Python, State>(&self.0)
    }
}

impl Side<DataSet, Output> for NativeSide {
    fn start(&mut self, ctx: &CuContext) -> CuResult<()> {
        self.0.start(ctx)
    }
    fn process(&mut self, ctx: &CuContext, data: &DataSet, output: &mut Output) -> CuResult<()> {
        self.0.process(ctx, {{ input }}, output)
    }
    fn stop(&mut self, ctx: &CuContext) -> CuResult<()> {
        self.0.stop(ctx)
    }
    fn state(&self) -> Option<Value> {
        {% if has_state %}Some(crate::__migrate::value::to_value(self.0.__migrate_state())){% else %}None{% endif %}
    }
}

fn python(config: Option<&ComponentConfig>) -> CuResult<Box<dyn Side<DataSet, Output>>> {
    Ok(Box::new(PythonSide(Python::new(config, ())?)))
}

fn native(config: Option<&ComponentConfig>) -> CuResult<Box<dyn Side<DataSet, Output>>> {
    Ok(Box::new(NativeSide(Native::new(config, ())?)))
}

#[unsafe(no_mangle)]
pub fn __migrate_entry() {
    replay::main::<DataSet, Output>(&replay::Task {
        id: "{{ task }}",
        index: {{ index }},
        ids: &[{% for id in ids %}"{{ id }}", {% endfor %}],
        inputs: |data| vec![{% for i in inputs %}replay::message(data.{{ i.accessor }}()), {% endfor %}],
        recorded: |data| vec![{% for o in outputs %}replay::message(data.{{ o.accessor }}()), {% endfor %}],
        now: |data| {% match outputs.first() %}{% when Some with (o) %}replay::started_at(data.{{ o.accessor }}()){% when None %}None{% endmatch %},
        python,
        native,
    });
}
