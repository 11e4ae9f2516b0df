import { eachMatch } from './source-text.ts'

const statement =
  /(?:^|[;{}\n])[ \t]*(?:(use|no|require)[ \t]+([A-Za-z_][\w:]*)([^\n;]*)|(?:require|do)[ \t]*\(?[ \t]*(?:'([^'\n]{1,1000})'|"([^"\n]{1,1000})"))/g
const listed = /qw\s*[([{</|!]([^)\]}>/|!]*)|'([^'\n]*)'|"([^"\n]*)"/g

/**
 * What Perl source loads: `module:A::B`, `file:name.pl`, and `lib:DIRECTORY` for what `use lib` adds, where `$FindBin::Bin` is
 * written `$Bin`. In the order in which it stands there.
 */
export function* perlReferences(source: string): Generator<void, string[]> {
  const references: string[] = []
  yield* eachMatch(yield* withoutText(source), statement, ([, word, module, rest = '', single, double]) => {
    const file = single ?? double
    if (file !== undefined) references.push(`file:${place(file)}`)
    if (module === undefined || word === 'no' || /^v?\d/.test(module)) return
    if (module === 'lib') references.push(...strings(rest).map((path) => `lib:${place(path)}`))
    else {
      references.push(`module:${module}`)
      if (/^(parent|base)$/.test(module) && !/-norequire\b/.test(rest)) {
        references.push(...strings(rest).map((name) => `module:${name}`))
      }
    }
  })
  return references
}

function place(path: string): string {
  return path.replace(/^(\$\{?FindBin::(Real)?Bin\}?|\$\{?(Real)?Bin\}?)(?=\/|$)/, '$Bin')
}

function strings(text: string): string[] {
  return Array.from(text.matchAll(listed), ([, words, single, double]) =>
    words === undefined ? [single ?? double ?? ''] : words.split(/\s+/),
  )
    .flat()
    .filter(Boolean)
}

/** Without documentation (perlpod(1)), what is behind the end of the program, and comments. */
function* withoutText(source: string): Generator<void, string> {
  const end = /^__(?:END|DATA)__/m.exec(source)
  const kept: string[] = []
  let inDocumentation = false
  yield* eachMatch(end ? source.slice(0, end.index) : source, /.*\n?/g, ([line]) => {
    if (/^=[a-zA-Z]/.test(line)) inDocumentation = true
    if (!inDocumentation) kept.push(line.replace(/(^|\s)#.*/, '$1'))
    if (/^=cut\b/.test(line)) inDocumentation = false
  })
  return kept.join('')
}
