import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { policyActions } from '../../../src/model/index.ts'
import { parsePolicy } from '../../../src/policy/parse-policy.ts'
import { decide, noPolicy, type Rule, type Subject } from '../../../src/policy/policy.ts'

const file = '/etc/restart-manager/policy.toml'
const links = new Map([
  ['/bin', '/usr/bin'],
  ['/bin/.', '/usr/bin'],
  ['/bin/link', '/usr/lib/real*'],
])
const realPath = (path: string) => links.get(path) ?? null

function parse(text: string): Promise<Rule[]> {
  return parsePolicy(text, { file, realPath })
}

describe('A policy', () => {
  it('is read with the line of each rule', async () => {
    const rules = await parse(`# ours
[[rule]]
services = ["postgresql@*", "redis.service"]
action = "critical"
why = "the shop stands still"

[[rule]]
executables = ["/opt/**"]
users = ["deploy", 1001]
action = "restart"
`)
    assert.deepEqual(
      rules.map(({ action, why, line, users }) => ({ action, why, line, users })),
      [
        { action: 'critical', why: 'the shop stands still', line: 2, users: null },
        { action: 'restart', why: null, line: 7, users: ['deploy', 1001] },
      ],
    )
    assert.deepEqual(
      rules[0]?.services?.map(({ text }) => text),
      ['postgresql@*.service', 'redis.service'],
    )
  })

  it('may be empty, or only remarks', async () => {
    assert.deepEqual(await parse(''), [])
    assert.deepEqual(await parse('# nothing yet\n'), [])
  })

  it('is read as docs/policy.md shows it, and every action is told there', async () => {
    const page = readFileSync(new URL('../../../docs/policy.md', import.meta.url), 'utf8')
    const example = /^```toml\n(.*?)^```$/ms.exec(page)?.[1] ?? ''
    assert.deepEqual(
      (await parse(example)).map(({ action }) => action),
      ['critical', 'ordinary', 'restart'],
    )
    const rows = page.split('| action | the application |')[1]?.matchAll(/^\| `([a-z-]+)` \|/gm) ?? []
    assert.deepEqual(
      Array.from(rows, ([, action]) => action),
      [...policyActions],
    )
  })

  it('is refused where it is nested deeper than anybody writes', async () => {
    const text = `[[rule]]\nservices = ${'['.repeat(30_000)}${']'.repeat(30_000)}`
    await assert.rejects(parse(text), { code: 'POLICY_INVALID', message: /nested too deeply/ })
  })

  const rule = (lines: string) => `[[rule]]\n${lines}\n`
  const bad: [what: string, text: string, place: string, message: RegExp][] = [
    ['no TOML', '[[rule]]\naction = critical\n', '2:10', /./],
    ['a text without an end', '[[rule]]\naction = "critical\n', '2:19', /./],
    ['a key twice', rule('action = "restart"\naction = "restart"'), '3:1', /multiple times/],
    [
      'a key that is not known',
      rule('  service = ["a"]\naction = "ordinary"'),
      '2:3',
      /unknown key service; known are/,
    ],
    ['a dotted key', rule('match.services = ["a"]'), '2:1', /unknown key match\.services/],
    ['a key outside of rules', 'action = "ordinary"\n', '1:1', /unknown key action; wanted \[\[rule\]\]/],
    ['another table', '[other]\n', '1:1', /unknown table other; wanted \[\[rule\]\]/],
    ['a table that is no list', '[rule]\n', '1:1', /found \[rule\]; wanted \[\[rule\]\]/],
    ['no action', rule('services = ["a"]'), '1:1', /no action; wanted one of critical, ordinary/],
    ['another action', rule('services = ["a"]\naction = "stop"'), '3:10', /unknown action "stop"; wanted one of/],
    ['an action of another type', rule('services = ["a"]\naction = true'), '3:10', /is true or false; wanted a text/],
    ['a text instead of a list', rule('action = "ordinary"\nservices = "a"'), '3:12', /is a text; wanted a list/],
    ['an empty list', rule('action = "ordinary"\nservices = []'), '3:12', /is empty; wanted at least one/],
    ['a number in a list', rule('action = "ordinary"\nservices = ["a", 7]'), '3:18', /holds a number; wanted texts/],
    ['nothing named', rule('action = "ordinary"'), '1:1', /names nothing; wanted services, executables or users/],
    [
      'a bad pattern',
      rule('action = "ordinary"\nservices = ["a", "b["]'),
      '3:18',
      /bad pattern "b\[" in services: .*\]/,
    ],
    ['an empty pattern', rule('action = "ordinary"\nservices = [""]'), '3:13', /it is empty/],
    ['a socket', rule('action = "ordinary"\nservices = ["a.socket"]'), '3:13', /it means a socket; wanted services/],
    ['a path as a service', rule('action = "ordinary"\nservices = ["/a"]'), '3:13', /no name of a unit has/],
    ['a relative program', rule('action = "ordinary"\nexecutables = ["cat"]'), '3:16', /it is not absolute/],
    [
      'a user in quotes',
      rule('action = "ordinary"\nusers = ["1001"]'),
      '3:10',
      /holds "1001"; wanted the number without quotes: 1001/,
    ],
    ['a user below 0', rule('action = "ordinary"\nusers = [-1]'), '3:10', /holds -1; wanted a number from 0 to/],
    ['no user at all', rule('action = "ordinary"\nusers = [4294967295]'), '3:10', /from 0 to 4294967294$/],
    ['a template', rule('action = "ordinary"\nservices = ["db@"]'), '3:13', /a template, .* wanted db@\*$/],
    ['a directory', rule('action = "ordinary"\nexecutables = ["/bin"]'), '3:16', /a directory; .*: \/bin\/\*$/],
    ['the end of a directory', rule('action = "ordinary"\nexecutables = ["/a*/"]'), '3:16', /an empty part/],
    [
      'a path with dots',
      rule('action = "ordinary"\nexecutables = ["/a/../*"]'),
      '3:16',
      /an empty part, or one of dots/,
    ],
    ['critical without a reason', rule('action = "critical"\nservices = ["a"]'), '1:1', /wanted why =/],
    ['an empty reason', rule('action = "critical"\nservices = ["a"]\nwhy = " "'), '4:7', /why is empty/],
    ['services to start again', rule('services = ["a"]\naction = "restart"'), '3:10', /"restart" for services/],
    [
      'services and programs',
      rule('action = "ordinary"\nservices = ["a"]\nexecutables = ["/a"]'),
      '4:15',
      /services and executables in one rule/,
    ],
  ]
  for (const [what, text, place, message] of bad) {
    it(`is refused with line and column for ${what}`, async () => {
      await assert.rejects(parse(text), (error: Error & { code: string; hint: string }) => {
        assert.equal(error.code, 'POLICY_INVALID')
        assert.ok(error.message.startsWith(`Cannot use the policy: ${file}:${place}`), error.message)
        assert.match(error.message, /:\d+:\d+: /)
        assert.match(error.message, message)
        assert.match(error.hint, /restartctl doctor/)
        return true
      })
    })
  }
})

describe('Any text', () => {
  const words = [
    '[[rule]]',
    '\n',
    '"',
    'services',
    'executables',
    'users',
    'action',
    '=',
    '[',
    ']',
    ',',
    "'",
    '/a*',
    '7',
    '.',
    '#',
  ]
  const texts = fc
    .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary' })))
    .map((parts) => parts.join(' '))

  it('is a policy, or is refused with a place that is in it', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const refusal = await parse(text).then(
          () => null,
          (error: unknown) => error as Error & { code?: string },
        )
        if (!refusal) return
        assert.equal(refusal.code, 'POLICY_INVALID', refusal.stack)
        const [, line, column] = /policy\.toml:(\d+):(\d+): ./.exec(refusal.message) ?? []
        assert.ok(Number(line) >= 1 && Number(line) <= text.split('\n').length, refusal.message)
        assert.ok(Number(column) >= 1, refusal.message)
      }),
      { numRuns: 300 },
    )
  })
})

describe('A rule', () => {
  const program = (
    executable: string | null,
    uid = 1000,
    user: string | null = 'me',
  ): Subject['processes'][number] => ({
    executable,
    uid,
    user,
  })
  const service = (...services: string[]): Subject => ({ services, processes: [] })
  const programs = (...processes: Subject['processes']): Subject => ({ services: [], processes })

  async function decided(lines: string, subject: Subject): Promise<string | null> {
    return decide({ ...noPolicy, rules: await parse(lines) }, subject)?.action ?? null
  }
  const one = (match: string, action: string) => `[[rule]]\n${match}\naction = "${action}"\nwhy = "x"\n`

  it('means services by name, pattern and alias, never programs', async () => {
    const lines = one('services = ["web", "db@*"]', 'ordinary')
    assert.equal(await decided(lines, service('web.service')), 'ordinary')
    assert.equal(await decided(lines, service('db@1.service')), 'ordinary')
    assert.equal(await decided(lines, service('nginx.service', 'web.service')), 'ordinary')
    assert.equal(await decided(lines, service('webmail.service')), null)
    assert.equal(await decided(lines, programs(program('/usr/bin/web'))), null)
  })

  it('means services whose names hold escapes, as systemctl shows them', async () => {
    for (const name of ['disk@a\\x2db', 'disk@a\\x2d*']) {
      assert.equal(
        await decided(one(`services = ['${name}']`, 'ordinary'), service('disk@a\\x2db.service')),
        'ordinary',
      )
    }
  })

  it('means programs by their real paths', async () => {
    const lines = one('executables = ["/bin/cat", "/bin/x*", "/bin/link"]', 'no-shutdown')
    assert.equal(await decided(lines, programs(program('/usr/bin/xeyes'))), 'no-shutdown')
    assert.equal(await decided(lines, programs(program('/bin/cat'))), 'no-shutdown')
    assert.equal(await decided(lines, programs(program('/usr/lib/real*'))), 'no-shutdown')
    assert.equal(await decided(lines, programs(program('/usr/lib/realx'))), null)
    assert.equal(await decided(lines, programs(program(null))), null)
  })

  it('must hold in all it names', async () => {
    const lines = one('executables = ["/a"]\nusers = ["me", 7]', 'restart')
    assert.equal(await decided(lines, programs(program('/a'))), 'restart')
    assert.equal(await decided(lines, programs(program('/a', 7, null))), 'restart')
    assert.equal(await decided(lines, programs(program('/a', 8, 'you'))), null)
    assert.equal(await decided(lines, programs(program('/b'))), null)
  })

  it('that protects needs one process, one that takes protection away all, a restart the main one', async () => {
    const mixed = programs(program('/main'), program('/a'))
    for (const action of ['critical', 'no-shutdown', 'no-restart']) {
      assert.equal(await decided(one('executables = ["/a"]', action), mixed), action)
    }
    assert.equal(await decided(one('executables = ["/a"]', 'ordinary'), mixed), null)
    assert.equal(await decided(one('executables = ["/a", "/main"]', 'ordinary'), mixed), 'ordinary')
    assert.equal(await decided(one('executables = ["/a"]', 'restart'), mixed), null)
    assert.equal(await decided(one('executables = ["/main"]', 'restart'), mixed), 'restart')
    assert.equal(await decided(one('users = ["root"]', 'ordinary'), service('idle.service')), null)
  })

  it('that comes last wins', async () => {
    const wide = one('services = ["*"]', 'no-restart')
    const narrow = one('services = ["web"]', 'critical')
    assert.equal(await decided(wide + narrow, service('web.service')), 'critical')
    assert.equal(await decided(narrow + wide, service('web.service')), 'no-restart')
  })
})
