"""Python's own view of a file, for tests/parse/cpython.rs.

    dump.py tree FILE    the tree, as ast/dump.rs writes it without spans and comments
    dump.py lines FILE   first and last line of each statement, in order
    dump.py comments FILE   each comment of the tokenizer
"""
import ast, inspect, io, sys, tokenize, warnings

class D:
    def __init__(s): s.o=[]; s.d=0
    def line(s, f, t): s.o.append("  "*s.d + (f+": " if f else "") + t)
    def q(s, t):
        r='"'
        for c in t:
            if c in '"\\': r+='\\'+c
            elif ' '<=c<='~': r+=c
            else: r+='\\u{%x}'%ord(c)
        return r+'"'
    def body(s, stmts):
        doc=None
        if stmts and isinstance(stmts[0], ast.Expr) and isinstance(stmts[0].value, ast.Constant) and isinstance(stmts[0].value.value, str):
            doc=inspect.cleandoc(stmts[0].value.value); stmts=stmts[1:]
        return doc, stmts
    def doc(s, d):
        if d is not None: s.line("", "doc "+s.q(d))
    def block(s, f, stmts):
        if not stmts: return
        s.line("", f); s.d+=1
        for x in stmts: s.stmt(x)
        s.d-=1
    def module(s, m):
        s.line("", "module"); s.d+=1
        d, b = s.body(m.body); s.doc(d); s.block("body", b); s.d-=1
    def es(s, f, xs):
        for x in xs:
            if x is not None: s.e(f, x)
    def al(s, ns): return "".join(" "+n.name+(" as "+n.asname if n.asname else "") for n in ns)
    OPS={ast.Add:'+',ast.Sub:'-',ast.Mult:'*',ast.Div:'/',ast.FloorDiv:'//',ast.Mod:'%',ast.Pow:'**',ast.MatMult:'@',ast.LShift:'<<',ast.RShift:'>>',ast.BitAnd:'&',ast.BitOr:'|',ast.BitXor:'^'}
    CMP={ast.Eq:'==',ast.NotEq:'!=',ast.Lt:'<',ast.LtE:'<=',ast.Gt:'>',ast.GtE:'>=',ast.Is:'is',ast.IsNot:'is-not',ast.In:'in',ast.NotIn:'not-in'}
    UN={ast.USub:'-',ast.UAdd:'+',ast.Invert:'~',ast.Not:'not'}
    def stmt(s, n):
        A='async-' if type(n).__name__.startswith('Async') else ''
        t=type(n).__name__.replace('Async','')
        def go(head, f=None):
            s.line("", head); s.d+=1
            if f: f()
            s.d-=1
        def fn():
            s.es("decorator", n.decorator_list); s.params(n.args); s.es("returns",[n.returns])
            d,b=s.body(n.body); s.doc(d); s.block("body", b)
        def cl():
            s.es("decorator", n.decorator_list); s.es("base", n.bases); s.kws(n.keywords)
            d,b=s.body(n.body); s.doc(d); s.block("body", b)
        if t=='FunctionDef': go(A+"def "+n.name, fn)
        elif t=='ClassDef': go("class "+n.name, cl)
        elif t=='Return': go("return", lambda: s.es("value",[n.value]))
        elif t=='Delete': go("del", lambda: s.es("target", n.targets))
        elif t=='Assign': go("assign", lambda: (s.es("target", n.targets), s.e("value", n.value)))
        elif t=='AugAssign': go("augassign "+s.OPS[type(n.op)], lambda: (s.e("target", n.target), s.e("value", n.value)))
        elif t=='AnnAssign': go("annassign", lambda: (s.e("target", n.target), s.e("annotation", n.annotation), s.es("value",[n.value])))
        elif t in('If','While'): go(t.lower(), lambda: (s.e("test", n.test), s.block("body", n.body), s.block("else", n.orelse)))
        elif t=='For': go(A+"for", lambda: (s.e("target", n.target), s.e("iter", n.iter), s.block("body", n.body), s.block("else", n.orelse)))
        elif t=='With':
            def w():
                for i in n.items: s.e("item", i.context_expr); s.es("as",[i.optional_vars])
                s.block("body", n.body)
            go(A+"with", w)
        elif t=='Raise': go("raise", lambda: (s.es("exc",[n.exc]), s.es("cause",[n.cause])))
        elif t=='Try':
            def tr():
                s.block("body", n.body)
                for h in n.handlers:
                    s.line("", "except"+(" as "+h.name if h.name else "")); s.d+=1
                    s.es("type",[h.type]); s.block("body", h.body); s.d-=1
                s.block("else", n.orelse); s.block("finally", n.finalbody)
            go("try", tr)
        elif t=='TryStar': go('unsupported "`except*`"')
        elif t=='TypeAlias': go('unsupported "a `type` statement (Python 3.12)"')
        elif t=='Assert': go("assert", lambda: (s.e("test", n.test), s.es("message",[n.msg])))
        elif t=='Import': go("import"+s.al(n.names))
        elif t=='ImportFrom': go("from "+"."*n.level+(n.module or "")+" import"+s.al(n.names))
        elif t in('Global','Nonlocal'): go(t.lower()+" "+" ".join(n.names))
        elif t=='Expr': go("expr", lambda: s.e("value", n.value))
        elif t in('Pass','Break','Continue'): go(t.lower())
        elif t=='Match':
            def m():
                s.e("subject", n.subject)
                for c in n.cases:
                    s.line("", "case"); s.d+=1
                    s.p("pattern", c.pattern); s.es("guard",[c.guard]); s.block("body", c.body); s.d-=1
            go("match", m)
        else: raise Exception(t)
    def kws(s, ks):
        for k in ks: s.e(k.arg+"=" if k.arg else "**", k.value)
    def params(s, a):
        def par(kind, x, d):
            s.line("param", kind+x.arg); s.d+=1
            s.es("annotation",[x.annotation]); s.es("default",[d]); s.d-=1
        allp=a.posonlyargs+a.args; defs=[None]*(len(allp)-len(a.defaults))+a.defaults
        for i,(x,d) in enumerate(zip(allp,defs)): par("positional-only " if i<len(a.posonlyargs) else "", x, d)
        if a.vararg: par("*", a.vararg, None)
        for x,d in zip(a.kwonlyargs, a.kw_defaults): par("keyword-only ", x, d)
        if a.kwarg: par("**", a.kwarg, None)
    def f(s, x):
        r=repr(x)
        if 'e' in r: m,e=r.split('e'); r=m+'e'+str(int(e))
        return r
    def e(s, field, n):
        t=type(n).__name__; kids=lambda: None
        if t=='Constant':
            v=n.value
            if v is None: h="None"
            elif v is True: h="True"
            elif v is False: h="False"
            elif v is ...: h="ellipsis"
            elif isinstance(v,int): h="int 0x%x"%v
            elif isinstance(v,float): h="float "+s.f(v)
            elif isinstance(v,complex): h="imaginary "+s.f(v.imag)
            elif isinstance(v,bytes): h="bytes "+v.hex()
            elif any(0xd800<=ord(c)<=0xdfff for c in v): h='unsupported "a string with a lone surrogate"'
            else: h="str "+s.q(v)
        elif t=='JoinedStr': h="fstring"; kids=lambda: s.fs(n.values)
        elif t=='Name': h="name "+n.id
        elif t=='Attribute': h="attribute "+n.attr; kids=lambda: s.e("value", n.value)
        elif t=='Subscript': h="subscript"; kids=lambda: (s.e("value", n.value), s.e("index", n.slice))
        elif t=='Slice': h="slice"; kids=lambda: (s.es("lower",[n.lower]), s.es("upper",[n.upper]), s.es("step",[n.step]))
        elif t=='Call': h="call"; kids=lambda: (s.e("func", n.func), s.es("arg", n.args), s.kws(n.keywords))
        elif t=='UnaryOp': h="unary "+s.UN[type(n.op)]; kids=lambda: s.e("operand", n.operand)
        elif t=='BinOp': h="binary "+s.OPS[type(n.op)]; kids=lambda: (s.e("left", n.left), s.e("right", n.right))
        elif t=='BoolOp': h=type(n.op).__name__.lower(); kids=lambda: s.es("value", n.values)
        elif t=='Compare': h="compare "+" ".join(s.CMP[type(o)] for o in n.ops); kids=lambda: (s.e("left", n.left), s.es("right", n.comparators))
        elif t=='IfExp': h="conditional"; kids=lambda: (s.e("test", n.test), s.e("body", n.body), s.e("else", n.orelse))
        elif t in('Tuple','List','Set'): h=t.lower(); kids=lambda: s.es("", n.elts)
        elif t=='Dict':
            h="dict"
            def kids():
                for k,v in zip(n.keys,n.values):
                    if k is None: s.e("**", v)
                    else: s.e("key", k); s.e("value", v)
        elif t=='Starred': h="starred"; kids=lambda: s.e("value", n.value)
        elif t=='NamedExpr': h="named "+n.target.id; kids=lambda: s.e("value", n.value)
        elif t=='Lambda': h="lambda"; kids=lambda: (s.params(n.args), s.e("body", n.body))
        elif t in('ListComp','SetComp','DictComp','GeneratorExp'):
            h={'ListComp':'list-comprehension','SetComp':'set-comprehension','DictComp':'dict-comprehension','GeneratorExp':'generator'}[t]
            def kids():
                if t=='DictComp': s.e("element", n.key); s.e("value", n.value)
                else: s.e("element", n.elt)
                for g in n.generators:
                    s.line("", "async-for" if g.is_async else "for"); s.d+=1
                    s.e("target", g.target); s.e("iter", g.iter); s.es("if", g.ifs); s.d-=1
        elif t=='Yield': h="yield"; kids=lambda: s.es("value",[n.value])
        elif t=='YieldFrom': h="yield-from"; kids=lambda: s.e("value", n.value)
        elif t=='Await': h="await"; kids=lambda: s.e("value", n.value)
        else: raise Exception(t)
        s.line(field, h); s.d+=1; kids(); s.d-=1
    def fs(s, vs):
        # adjacent literals are joined; CPython 3.11 gives one constant a piece
        lit=None
        for v in vs+[None]:
            if isinstance(v, ast.Constant): lit=(lit or "")+v.value; continue
            if lit: s.line("", "literal "+s.q(lit))
            lit=None
            if v is None: break
            s.line("", "field"+({-1:"",115:" !s",114:" !r",97:" !a"}[v.conversion])); s.d+=1
            s.e("value", v.value)
            if v.format_spec is not None and v.format_spec.values:
                s.line("", "spec"); s.d+=1; s.fs(v.format_spec.values); s.d-=1
            s.d-=1
    def p(s, field, n):
        t=type(n).__name__; kids=lambda: None
        if t=='MatchValue': h="value-pattern"; kids=lambda: s.e("", n.value)
        elif t=='MatchSingleton': h="singleton-pattern"; kids=lambda: s.e("", ast.Constant(n.value))
        elif t=='MatchSequence': h="sequence-pattern"; kids=lambda: [s.p("", x) for x in n.patterns]
        elif t=='MatchMapping': h="mapping-pattern"+(" **"+n.rest if n.rest else ""); kids=lambda: [(s.e("key",k), s.p("value",v)) for k,v in zip(n.keys,n.patterns)]
        elif t=='MatchClass': h="class-pattern"; kids=lambda: (s.e("class", n.cls), [s.p("",x) for x in n.patterns], [s.p(k+"=",v) for k,v in zip(n.kwd_attrs,n.kwd_patterns)])
        elif t=='MatchStar': h="star-pattern "+(n.name or "_")
        elif t=='MatchAs': h="as-pattern "+(n.name or "_"); kids=lambda: n.pattern and s.p("", n.pattern)
        elif t=='MatchOr': h="or-pattern"; kids=lambda: [s.p("",x) for x in n.patterns]
        s.line(field, h); s.d+=1; kids(); s.d-=1

def dump(src):
    d=D(); d.module(ast.parse(src)); return "\n".join(d.o)+"\n"


def lines(src):
    out=[]
    def walk(n):
        if isinstance(n, ast.stmt):
            first=min([n.lineno]+[d.lineno for d in getattr(n,'decorator_list',[])])
            out.append("%d %d"%(first, n.end_lineno))
        if isinstance(n, getattr(ast,'TryStar',())): return
        body=getattr(n,'body',None)
        skip=None
        if isinstance(n,(ast.Module,ast.FunctionDef,ast.AsyncFunctionDef,ast.ClassDef)) and ast.get_docstring(n,False) is not None: skip=body[0]
        for c in ast.iter_child_nodes(n):
            if c is not skip: walk(c)
    walk(ast.parse(src))
    return "\n".join(out)+"\n"

def comments(src):
    toks=tokenize.tokenize(io.BytesIO(src).readline)
    return "".join(t.string[1:].removeprefix(" ").rstrip()+"\n" for t in toks if t.type==tokenize.COMMENT)

if __name__=="__main__":
    if sys.version_info < (3, 11): sys.exit(77)
    warnings.simplefilter("ignore")
    src=open(sys.argv[2],"rb").read()
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdout.write({"tree":dump,"lines":lines,"comments":comments}[sys.argv[1]](src))
