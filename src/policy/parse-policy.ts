import type { AST } from 'toml-eslint-parser'
import { policyActions, type PolicyAction } from '../model/index.ts'
import { compileGlob, isLiteral, PatternError } from './glob.ts'
import { policyError, type Position } from './policy-error.ts'
import type { Pattern, Rule } from './policy.ts'

/** What stands in a rule, and where. */
type Entries = Map<string, { value: AST.TOMLContentNode; at: Position }>

interface Source {
  file: string
  /** The path behind symbolic links, as the kernel names what a process runs; null where there is nothing. */
  realPath: (path: string) => string | null
}

const known = ['action', 'services', 'executables', 'users', 'why']
/** A user's name as useradd(8) takes it, `.` and `@` of directory services included. */
const userName = /^[A-Za-z_][\w.@\\-]*\$?$/
const serviceCharacters = /^[\w:.\\@*?[\]!-]+$/
/** 2^32 - 1 stands for no user at all (chown(2)). */
const largestUser = 2 ** 32 - 2
const otherUnits = /\.(socket|timer|path|target|mount|automount|scope|slice|swap|device)$/

/** The rules of a file. Rejects with POLICY_INVALID, with line and column, where anything is not as docs/policy.md says. */
export async function parsePolicy(text: string, source: Source): Promise<Rule[]> {
  // Only where there is a policy: a quick look must not wait for the parser.
  const { parseTOML, ParseError } = await import('toml-eslint-parser')
  let program: AST.TOMLProgram
  try {
    program = parseTOML(text, { tomlVersion: '1.0' })
  } catch (error) {
    // What is nested some thousand times is more than its stack takes.
    if (error instanceof RangeError) throw policyError(source.file, 'it is nested too deeply', undefined, error)
    if (!(error instanceof ParseError)) throw error
    throw policyError(source.file, error.message, { line: error.lineNumber, column: error.column + 1 }, error)
  }
  return program.body[0].body.map((node) => {
    const at = positionOf(node)
    if (node.type !== 'TOMLTable' || nameOf(node.key) !== 'rule') {
      throw policyError(source.file, `unknown ${describe(node)}; wanted [[rule]]`, at)
    }
    if (node.kind !== 'array') throw policyError(source.file, 'found [rule]; wanted [[rule]]', at)
    return ruleOf(node, at, source)
  })
}

function ruleOf({ body }: AST.TOMLTable, at: Position, source: Source): Rule {
  const entries = entriesOf(body, source)
  const action = actionOf(entries, at, source)
  const why = textOf(entries, 'why', source)
  const services = patternsOf(entries, 'services', source, servicePattern)
  const executables = patternsOf(entries, 'executables', source, (text) => executablePattern(text, source))
  const users = usersOf(entries, source)
  if (!services && !executables && !users) {
    throw policyError(source.file, 'this rule names nothing; wanted services, executables or users', at)
  }
  if (services && executables) {
    const second = entries.get('executables')?.at ?? at
    throw policyError(source.file, 'services and executables in one rule; wanted one of them: write two rules', second)
  }
  if (services && action === 'restart') {
    const what = 'action "restart" for services; wanted executables or users: services are started again anyhow'
    throw policyError(source.file, what, entries.get('action')?.at ?? at)
  }
  if (action === 'critical' && why === null) {
    throw policyError(source.file, 'action "critical" without a reason; wanted why = "..."', at)
  }
  return { action, why, services, executables, users, file: source.file, line: at.line }
}

function entriesOf(body: AST.TOMLKeyValue[], { file }: Source): Entries {
  const entries: Entries = new Map()
  for (const pair of body) {
    const name = nameOf(pair.key)
    if (!known.includes(name)) {
      throw policyError(file, `unknown key ${name}; known are ${known.join(', ')}`, positionOf(pair))
    }
    entries.set(name, { value: pair.value, at: positionOf(pair.value) })
  }
  return entries
}

function actionOf(entries: Entries, at: Position, source: Source): PolicyAction {
  const text = textOf(entries, 'action', source)
  const wanted = `wanted one of ${policyActions.join(', ')}`
  if (text === null) throw policyError(source.file, `this rule has no action; ${wanted}`, at)
  const action = policyActions.find((one) => one === text)
  if (action) return action
  throw policyError(source.file, `unknown action ${JSON.stringify(text)}; ${wanted}`, entries.get('action')?.at)
}

function textOf(entries: Entries, name: string, { file }: Source): string | null {
  const entry = entries.get(name)
  if (!entry) return null
  const text = stringOf(entry.value)
  if (text === null) throw policyError(file, `${name} is ${kindOf(entry.value)}; wanted a text`, entry.at)
  if (text.trim() === '') throw policyError(file, `${name} is empty; wanted a text`, entry.at)
  return text
}

function patternsOf(
  entries: Entries,
  name: string,
  source: Source,
  compile: (text: string) => Pattern,
): Pattern[] | null {
  return (
    elementsOf(entries, name, source)?.map((element) => {
      const text = stringOf(element)
      const at = positionOf(element)
      if (text === null) throw policyError(source.file, `${name} holds ${kindOf(element)}; wanted texts`, at)
      try {
        return compile(text)
      } catch (error) {
        if (!(error instanceof PatternError)) throw error
        const what = `bad pattern ${JSON.stringify(text)} in ${name}: ${error.message}`
        throw policyError(source.file, what, at, error)
      }
    }) ?? null
  )
}

function usersOf(entries: Entries, source: Source): (string | number)[] | null {
  return (
    elementsOf(entries, 'users', source)?.map((element) => {
      const text = stringOf(element)
      if (text !== null && userName.test(text)) return text
      if (element.type === 'TOMLValue' && element.kind === 'integer') {
        if (element.value >= 0 && element.value <= largestUser) return element.value
        const what = `users holds ${element.number}; wanted a number from 0 to ${largestUser}`
        throw policyError(source.file, what, positionOf(element))
      }
      const found = text === null ? kindOf(element) : JSON.stringify(text)
      const wanted = /^\d+$/.test(text ?? '') ? `the number without quotes: ${String(text)}` : 'names or numbers'
      throw policyError(source.file, `users holds ${found}; wanted ${wanted}`, positionOf(element))
    }) ?? null
  )
}

function elementsOf(entries: Entries, name: string, { file }: Source): AST.TOMLContentNode[] | null {
  const entry = entries.get(name)
  if (!entry) return null
  const { value, at } = entry
  if (value.type !== 'TOMLArray') throw policyError(file, `${name} is ${kindOf(value)}; wanted a list: [...]`, at)
  if (value.elements.length === 0) throw policyError(file, `${name} is empty; wanted at least one`, at)
  return value.elements
}

/** A name without the type of a unit means a service, as for systemctl. */
function servicePattern(text: string): Pattern {
  if (text !== '' && !serviceCharacters.test(text)) {
    throw new PatternError('it has what no name of a unit has; wanted something like nginx or postgresql@*')
  }
  const other = otherUnits.exec(text)?.[1]
  if (other !== undefined) throw new PatternError(`it means a ${other}; wanted services`)
  const full = text.endsWith('.service') || text === '' ? text : `${text}.service`
  if (full.endsWith('@.service')) {
    throw new PatternError(`it names a template, which never runs itself; wanted ${full.replace('.service', '*')}`)
  }
  // Names of units hold such escapes themselves (systemd-escape(1)).
  return { text: full, matches: compileGlob(full.replace(/\\(?=x[0-9a-f]{2})/g, '\\\\')) }
}

/** The kernel names programs by their real paths: links before the first wildcard are followed. */
function executablePattern(text: string, { realPath }: Source): Pattern {
  if (text !== '' && !text.startsWith('/'))
    throw new PatternError('it is not absolute; wanted something like /usr/bin/*')
  if (/\/(\.{0,2})(\/|$)/.test(text)) {
    throw new PatternError(
      'it has an empty part, or one of dots, as no path of a program; wanted something like /usr/bin/*',
    )
  }
  const matches = compileGlob(text)
  const fixed = isLiteral(text) ? text : text.slice(0, text.slice(0, text.search(/[*?[\\]/)).lastIndexOf('/'))
  // Only what lies in a directory has a path that goes on.
  if (fixed === text && realPath(`${text}/.`) !== null) {
    throw new PatternError(`it is a directory; wanted the programs in it: ${text}/*`)
  }
  const real = fixed === '' ? null : realPath(fixed)
  if (real === null || real === fixed) return { text, matches }
  const followed = compileGlob(escapeGlob(real) + text.slice(fixed.length))
  return { text, matches: (path) => matches(path) || followed(path) }
}

function escapeGlob(text: string): string {
  return text.replace(/[*?[\]{}\\!]/g, '\\$&')
}

function stringOf(node: AST.TOMLContentNode): string | null {
  return node.type === 'TOMLValue' && node.kind === 'string' ? node.value : null
}

function kindOf(node: AST.TOMLContentNode): string {
  if (node.type === 'TOMLArray') return 'a list'
  if (node.type === 'TOMLInlineTable') return 'a table'
  return (
    { string: 'a text', boolean: 'true or false', integer: 'a number', float: 'a number' }[node.kind as string] ??
    'a time'
  )
}

function describe(node: AST.TOMLKeyValue | AST.TOMLTable): string {
  return node.type === 'TOMLTable' ? `table ${nameOf(node.key)}` : `key ${nameOf(node.key)}`
}

function nameOf({ keys }: AST.TOMLKey): string {
  return keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value)).join('.')
}

/** The parser counts columns from 0. */
function positionOf({ loc }: AST.TOMLNode): Position {
  return { line: loc.start.line, column: loc.start.column + 1 }
}
