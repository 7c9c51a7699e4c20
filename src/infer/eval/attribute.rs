//! Attributes of objects, of messages and of modules.

use super::names::unknown_module_item;
use super::{DICT_METHODS, Scope, nanoseconds};
use crate::ast::Expr;
use crate::catalog;
use crate::diagnostic::Code;
use crate::infer::model::{Fact, Problem};
use crate::infer::{Inference, Seg};
use crate::project::{FieldDef, IntTy, RustTy, StructDef};
use crate::ranges::{IntRange, Range};
use crate::ty::{Side, Ty, last_segment};
use crate::value::{int_type_range, stored_range};

impl<'a> Inference<'a> {
    /// The named fields of a struct, as Python sees them.
    pub(in crate::infer) fn fields(&self, key: &str) -> &'a [FieldDef] {
        self.types.fields(key)
    }

    /// The field of that Python name.
    pub(in crate::infer) fn field(&self, key: &str, name: &str) -> Option<&'a FieldDef> {
        self.fields(key)
            .iter()
            .find(|f| f.python_name == name && !f.skipped)
    }

    pub(super) fn attribute(
        &mut self,
        scope: &mut Scope<'_>,
        e: &Expr,
        base: &Fact,
        name: &str,
    ) -> Fact {
        match &base.ty.narrowed() {
            Ty::Unknown | Ty::Conflict(_) => Fact::of(base.ty.clone()),
            Ty::Struct(key) => self.field_fact(scope, e, key, name),
            Ty::Tagged(key) => self.variant_data(e, key, name),
            Ty::Instance(class) => self.instance_attribute(scope, e, class, name),
            Ty::Class(class) => self.class_attribute(e, class, name),
            Ty::Member(class) => self.member_attribute(scope, e, class, name),
            Ty::Exception(class) => self.exception_attribute(e, class, name),
            Ty::Message { side, payload } => match name {
                "payload" => Fact::of(match side {
                    Side::Input => (**payload).clone().optional(),
                    // An output's payload reads as a default where there is none.
                    Side::Output => (**payload).clone(),
                }),
                "tov" => Fact::of(Ty::Tov),
                "metadata" => Fact::of(Ty::Metadata),
                _ => {
                    self.problem(
                        e.id,
                        e.span,
                        Problem::new(Code::UnknownField, format!("a message has no `{name}`"))
                            .with_help("it has `payload`, `tov` and `metadata`"),
                    );
                    Fact::of(Ty::Conflict(format!("`.{name}`")))
                }
            },
            Ty::Messages { .. } => {
                self.problem(
                    e.id,
                    e.span,
                    Problem::new(
                        Code::TypeMismatch,
                        format!("there are several messages here: `.{name}` of the list"),
                    )
                    .with_help("index the list first: `inputs[0].payload`"),
                );
                Fact::of(Ty::Conflict(format!("`.{name}`")))
            }
            Ty::Deque { maxlen, .. } if name == "maxlen" => match maxlen {
                crate::ty::Maxlen::Fixed(n, _) => Fact::int(IntRange::exactly(*n as i128)),
                crate::ty::Maxlen::Unbounded => Fact::of(Ty::None),
                crate::ty::Maxlen::Kept(_) => self.unsupported(e, "`maxlen` of this deque"),
                crate::ty::Maxlen::Unknown => Fact::unknown(),
            },
            Ty::Metadata => {
                let path = self.path_of(scope, e);
                let of = match path.as_ref().map(|path| path.segs.as_slice()) {
                    Some([.., Seg::Attr(of), _]) => of.as_str(),
                    _ => "",
                };
                match (of, name) {
                    ("process_time", "start" | "end") => Fact::int(int_type_range(IntTy::U64)),
                    ("process_time", _) | (_, "origin") => {
                        self.unsupported(e, &format!("`.{name}` of message metadata"))
                    }
                    (_, "process_time") => Fact::of(Ty::Metadata),
                    (_, "status_txt") => Fact::of(Ty::Str),
                    _ => {
                        let message = format!("message metadata has no `{name}`");
                        let problem = Problem::new(Code::UnknownField, message)
                            .with_help("it has `process_time`, `status_txt` and `origin`");
                        self.problem(e.id, e.span, problem);
                        Fact::of(Ty::Conflict(format!("`.{name}`")))
                    }
                }
            }
            Ty::Context => match name {
                "now_ns" | "recent_ns" => Fact::int(nanoseconds()),
                "cl_id" => Fact::int(IntRange::new(0, i64::MAX as i128)),
                // Copper sets them before each call.
                "task_id" => Fact::of(Ty::Str),
                "task_index" => Fact::int(IntRange::new(0, u16::MAX as i128)),
                _ => {
                    self.problem(
                        e.id,
                        e.span,
                        Problem::new(
                            Code::UnsupportedCall,
                            format!("`ctx.{name}` is not translated"),
                        ),
                    );
                    Fact::of(Ty::Conflict(format!("`ctx.{name}`")))
                }
            },
            Ty::Module(module) => match catalog::constant(&format!("{module}.{name}")) {
                Some(fact) => fact,
                None => {
                    self.problem(e.id, e.span, unknown_module_item(module, name));
                    Fact::of(Ty::Conflict(format!("`{module}.{name}`")))
                }
            },
            other => {
                self.problem(
                    e.id,
                    e.span,
                    Problem::new(
                        Code::PartlyHandled,
                        format!("`.{name}` of {} is not translated", other.describe()),
                    ),
                );
                self.no_fact(&format!("`.{name}` of {}", other.describe()))
            }
        }
    }

    pub(super) fn field_fact(
        &mut self,
        scope: &Scope<'_>,
        e: &Expr,
        key: &str,
        name: &str,
    ) -> Fact {
        if DICT_METHODS.contains(&name) {
            self.problem(
                e.id,
                e.span,
                Problem::new(
                    Code::TypeMismatch,
                    format!("`.{name}` reads the dict's method, not the field"),
                )
                .with_help(format!(
                    "PyTask's payloads are dicts: write `[\"{name}\"]`, or rename the field"
                )),
            );
            return Fact::of(Ty::Conflict(format!("the method `{name}`")));
        }
        let Some(field) = self.field(key, name) else {
            let names: Vec<&str> = self
                .fields(key)
                .iter()
                .map(|f| f.python_name.as_str())
                .collect();
            self.problem(
                e.id,
                e.span,
                Problem::new(
                    Code::UnknownField,
                    format!("`{}` has no field `{name}`", last_segment(key)),
                )
                .with_help(format!("it has {}", names.join(", "))),
            );
            return Fact::of(Ty::Conflict(format!("`.{name}`")));
        };
        let ty = Ty::of_rust(&field.ty, self.types);
        let mut range = stored_range(&field.ty);
        // Only this script writes the state: what it writes bounds what it reads.
        if let (Range::Int(whole), true) = (range, self.is_state(key)) {
            let zero = Fact::int(IntRange::exactly(0));
            let written = self.model.fields.get(&(key.to_string(), name.to_string()));
            let seen = written
                .map_or(zero.range, |w| w.range.join(zero.range))
                .int();
            let in_process = scope
                .function
                .is_some_and(|f| matches!(f.name.name.as_str(), "process" | "start" | "stop"));
            range = Range::Int(if in_process { seen.meet(whole) } else { seen });
        }
        Fact {
            ty,
            range,
            unbound: false,
        }
    }

    /// Whether only the script itself ever writes structs of that type: the state, with a
    /// derived default.
    pub(in crate::infer) fn is_state(&self, key: &str) -> bool {
        matches!(&self.binding.state, RustTy::Named(state) if state == key)
            && self
                .types
                .struct_def(key)
                .is_some_and(StructDef::has_derived_default)
    }
}
