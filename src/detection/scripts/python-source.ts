import { commentRemover, eachMatch } from './source-text.ts'

const withoutComments = commentRemover({
  lineComment: /#/,
  quotes: ['"""', "'''", '"', "'"],
  multiline: ['"""', "'''"],
  keepStrings: false,
})

const statement =
  /(?:^|[;:\n])[ \t]*(?:from[ \t]*(\.*)[ \t]*([\w.\x80-\xff]*)[ \t]+import\b[ \t]*(\([^()]*\)|[^\n;]*)|import[ \t]+([^\n;]*))/g

/**
 * The modules that Python source imports: `a.b`, relative ones with their dots: `..a`. Of `from a import b` both `a` and
 * `a.b`, as b may be a module too. What is imported by a name made while it runs is not seen.
 */
export function* pythonImports(source: string): Generator<void, string[]> {
  const text = (yield* withoutComments(source)).replace(/\\\r?\n/g, ' ')
  const modules = new Set<string>()
  yield* eachMatch(text, statement, ([, dots = '', base = '', names, plain]) => {
    if (plain !== undefined) for (const name of namesIn(plain)) modules.add(name)
    if (names === undefined) return
    modules.add(dots + base)
    for (const name of namesIn(names.replace(/[()]/g, ' ')))
      modules.add(dots + (base === '' ? name : `${base}.${name}`))
  })
  modules.delete('')
  return [...modules]
}

/** `a, b.c as d` → `a`, `b.c`. */
function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((item) => /^\s*([\w.\x80-\xff]+)/.exec(item)?.[1] ?? '')
    .filter((name) => name !== '')
}
