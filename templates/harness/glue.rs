//! Binds the replay to the task `{{ task }}`; it stands beside the native task so that
//! every name resolves as it does there.

#[allow(unused_imports)]
use super::*;

use crate::__migrate::data::DataSet;
use crate::__migrate::protocol::Message;
use crate::__migrate::replay;
use crate::__migrate::sides::{self, Side};
use crate::__migrate::value::{Value, to_value};
use cu29::prelude::{ComponentConfig, CuContext, CuMsg, CuResult, CuTask as _};
{% if stateless %}
use cu29::prelude::CuStatelessTask as _;
{% endif %}
use std::any::Any;

type Native = super::{{ module }}::{{ native }};
type Output = {{ output }};

struct NativeSide(Native);

{% if python %}
type State = {{ state }};
type Python = crate::__migrate::py_task::PyTask<({% for i in inputs %}{{ i.ty }}, {% endfor %}), State, ({% for o in outputs %}{{ o.ty }}, {% endfor %})>;

struct PythonSide(Python);

/// The private field `state`, which a `PyTask` shows through reflection.
fn reflected_state(task: &Python) -> Option<&State> {
    use cu29::bevy_reflect::structs::Struct as _;
    task.field("state")?.try_downcast_ref::<State>()
}

impl Side<DataSet, Output> for PythonSide {
    fn start(&mut self, ctx: &CuContext) -> CuResult<()> {
        self.0.start(ctx)
    }
    fn process(&mut self, ctx: &CuContext, data: &DataSet, output: &mut Output) -> CuResult<()> {
        self.0.process(ctx, {{ input }}, output)
    }
    fn call(&mut self, ctx: &CuContext, inputs: &[Message], output: &mut Output) -> CuResult<()> {
        let _ = inputs;
        {% for i in inputs %}
        let input_{{ loop.index0 }}: CuMsg<{{ i.ty }}> = sides::restored(inputs, {{ loop.index0 }})?;
        {% endfor %}
        self.0.process(ctx, {{ case_input }}, output)
    }
    fn stop(&mut self, ctx: &CuContext) -> CuResult<()> {
        self.0.stop(ctx)
    }
    fn state(&self) -> Option<Value> {
        reflected_state(&self.0).map(to_value)
    }
    fn state_any(&self) -> Option<&dyn Any> {
        reflected_state(&self.0).map(|state| state as &dyn Any)
    }
    fn set_state(&mut self, _: &dyn Any) -> bool {
        false
    }
    fn restore(&mut self, _: &Value) -> Result<(), String> {
        Err("a PyTask takes over keyframes only".into())
    }
    fn frame(&self) -> Result<Vec<u8>, String> {
        sides::frame(&self.0)
    }
    fn thaw(&mut self, frame: &[u8]) -> CuResult<()> {
        cu29::curuntime::thaw_keyframe_component(&mut self.0, frame)
    }
}

fn python(config: Option<&ComponentConfig>) -> CuResult<Box<dyn Side<DataSet, Output>>> {
    Ok(Box::new(PythonSide(Python::new(config, ())?)))
}
{% endif %}

impl Side<DataSet, Output> for NativeSide {
    fn start(&mut self, ctx: &CuContext) -> CuResult<()> {
        self.0.start(ctx)
    }
    fn process(&mut self, ctx: &CuContext, data: &DataSet, output: &mut Output) -> CuResult<()> {
        self.0.process(ctx, {{ input }}, output)
    }
    fn call(&mut self, ctx: &CuContext, inputs: &[Message], output: &mut Output) -> CuResult<()> {
        let _ = inputs;
        {% for i in inputs %}
        let input_{{ loop.index0 }}: CuMsg<{{ i.ty }}> = sides::restored(inputs, {{ loop.index0 }})?;
        {% endfor %}
        self.0.process(ctx, {{ case_input }}, output)
    }
    fn stop(&mut self, ctx: &CuContext) -> CuResult<()> {
        self.0.stop(ctx)
    }
    {% if has_state %}
    fn state(&self) -> Option<Value> {
        Some(to_value(self.0.__migrate_state()))
    }
    fn state_any(&self) -> Option<&dyn Any> {
        Some(self.0.__migrate_state() as &dyn Any)
    }
    fn set_state(&mut self, state: &dyn Any) -> bool {
        sides::assign(self.0.__migrate_state_mut(), state)
    }
    {% else %}
    fn state(&self) -> Option<Value> {
        None
    }
    fn state_any(&self) -> Option<&dyn Any> {
        None
    }
    fn set_state(&mut self, state: &dyn Any) -> bool {
        // Where there is none, there is nothing to take over.
        state.is::<()>()
    }
    {% endif %}
    fn restore(&mut self, state: &Value) -> Result<(), String> {
        {% if has_state && restores %}
        *self.0.__migrate_state_mut() = crate::__migrate::restore::from_value(state)?;
        Ok(())
        {% else if has_state %}
        let _ = state;
        Err("the state's type is not `Deserialize`".into())
        {% else %}
        match state {
            Value::Unit => Ok(()),
            _ => Err("the native task has no field `state`".into()),
        }
        {% endif %}
    }
    fn frame(&self) -> Result<Vec<u8>, String> {
        {% if stateless %}sides::frame(&cu29::cutask::CuStatelessTaskState){% else %}sides::frame(&self.0){% endif %}
    }
    fn thaw(&mut self, _: &[u8]) -> CuResult<()> {
        Err("a keyframe of the PyTask".into())
    }
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
        inputs: |data| vec![{% for i in inputs %}sides::message(data.{{ i.accessor }}()), {% endfor %}],
        recorded: |data| vec![{% for o in outputs %}sides::message(data.{{ o.accessor }}()), {% endfor %}],
        outputs: |data| {{ recorded }},
        now: |data| {% match outputs.first() %}{% when Some with (o) %}sides::started_at(data.{{ o.accessor }}()){% when None %}None{% endmatch %},
        stamped: {% if outputs.is_empty() %}false{% else %}true{% endif %},
        python: {% if python %}Some(python){% else %}None{% endif %},
        native,
    });
}
