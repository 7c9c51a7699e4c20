{% if app_build %}
#[path = "app_build.rs"]
mod app_build;
{% endif %}
fn main() {
    {% if app_build %}app_build::__migrate_main();{% else %}cu29_build::setup();{% endif %}
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=MIGRATE_HARNESS");
    println!("cargo::rerun-if-changed={{ config }}");
    {% if let Some(dir) = python_libdir %}
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", {{ dir }});
    {% if old_dtags %}println!("cargo::rustc-link-arg=-Wl,--disable-new-dtags");{% endif %}
    {% endif %}
}
