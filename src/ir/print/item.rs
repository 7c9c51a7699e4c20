//! Functions, classes and constants.

use super::deep::{UNFORMATTED, is_deep};
use super::{Printed, write_block, write_expr};
use crate::ir::{Class, Const, Function, RTy};

/// Appends a function.
pub fn write_function(out: &mut Printed, function: &Function) {
    for comment in &function.comments {
        out.line(format!("// {comment}").trim_end());
    }
    for line in &function.doc {
        out.line(format!("/// {line}").trim_end());
    }
    for attribute in &function.attributes {
        out.line(attribute);
    }
    let start = out.text.len();
    out.mark(function.span);
    let mut params: Vec<String> = function.receiver.iter().cloned().collect();
    params.extend(
        function
            .params
            .iter()
            .map(|(name, ty)| format!("{name}: {ty}")),
    );
    let visibility = out.style.visibility(&function.name);
    out.text.push_str(&format!(
        "{visibility}fn {}({})",
        function.name,
        params.join(", ")
    ));
    // Only literals are returned as `&str`.
    let lent = function.span.is_none() && function.receiver.as_deref() == Some("&self");
    let ret = match lent {
        true => function.ret.to_string(),
        false => function.ret.to_string().replace("&str", "&'static str"),
    };
    if function.fallible && !function.error.is_empty() {
        out.text
            .push_str(&format!(" -> Result<{ret}, {}>", function.error));
    } else if function.fallible {
        let ret = out.style.result(&ret);
        out.text.push_str(&format!(" -> {ret}"));
    } else if function.ret != RTy::Unit {
        out.text.push_str(&format!(" -> {ret}"));
    }
    out.text.push(' ');
    let body = out.text.len();
    write_block(out, &function.body);
    out.text.push('\n');
    if out.text.get(body..).is_some_and(is_deep) {
        out.insert_line(start, UNFORMATTED);
    }
}

/// Appends a struct or enum with its methods.
pub fn write_class(out: &mut Printed, class: &Class) {
    for comment in &class.comments {
        out.line(format!("// {comment}").trim_end());
    }
    for line in &class.doc {
        out.line(format!("/// {line}").trim_end());
    }
    for attribute in &class.attributes {
        out.line(attribute);
    }
    out.mark(Some(class.span));
    let visibility = out.style.visibility(&class.name);
    if !class.variants.is_empty() {
        out.line(&format!(
            "{visibility}enum {} {{ {} }}\n",
            class.name,
            class.variants.join(", ")
        ));
    } else if class.fields.is_empty() {
        out.line(&format!("{visibility}struct {};\n", class.name));
    } else {
        let fields: Vec<String> = class
            .fields
            .iter()
            .map(|(name, ty)| format!("{}{name}: {ty}", out.style.visibility(name)))
            .collect();
        out.line(&format!(
            "{visibility}struct {} {{ {} }}\n",
            class.name,
            fields.join(", ")
        ));
    }
    if !class.consts.is_empty() || !class.methods.is_empty() {
        write_impl(out, class);
    }
    for (name, method) in &class.traits {
        out.line("");
        out.line(&format!("impl {name} for {} {{", class.name));
        if name != "PartialEq" {
            out.line(&format!(
                "type Output = {};
",
                method.ret
            ));
        }
        write_function(out, method);
        out.line("}");
    }
}

/// Appends the constants and methods of a class.
fn write_impl(out: &mut Printed, class: &Class) {
    out.line(&format!("impl {} {{", class.name));
    for constant in &class.consts {
        write_const(out, constant);
    }
    if !class.consts.is_empty() {
        out.line("");
    }
    for (i, method) in class.methods.iter().enumerate() {
        if i > 0 {
            out.line("");
        }
        write_function(out, method);
    }
    out.line("}");
}

/// Appends a constant.
pub fn write_const(out: &mut Printed, constant: &Const) {
    if constant.blank_before {
        out.text.push('\n');
    }
    for comment in &constant.comments {
        out.line(format!("// {comment}").trim_end());
    }
    for attribute in &constant.attributes {
        out.line(attribute);
    }
    out.mark(Some(constant.span));
    let ty = if constant.ty == RTy::Str {
        "&str".to_string()
    } else {
        constant.ty.to_string()
    };
    let visibility = out.style.visibility(&constant.name);
    out.text
        .push_str(&format!("{visibility}const {}: {ty} = ", constant.name));
    write_expr(out, &constant.value);
    out.text.push(';');
    if let Some(comment) = &constant.line_comment {
        out.text.push_str(format!(" // {comment}").trim_end());
    }
    out.text.push('\n');
}
