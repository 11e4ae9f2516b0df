import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { it } from 'node:test'
import { hasGraphicalSession } from '../../../src/linux/graphical-sessions.ts'
import { Folder } from '../../support/folder.ts'

const session = (type: string, kind: string) => `# private\nUID=1000\nACTIVE=1\nTYPE=${type}\nCLASS=${kind}\nREMOTE=0\n`

it('A graphical session is one of a user at a screen', () => {
  for (const [type, kind, graphical] of [
    ['x11', 'user', true],
    ['wayland', 'user-early', true],
    ['x11', 'greeter', false],
    ['tty', 'user', false],
    ['web', 'user', false],
    ['unspecified', 'background', false],
  ] as const) {
    using folder = new Folder()
    folder.write('1', session('tty', 'user'))
    folder.write('c2', session(type, kind))
    assert.equal(hasGraphicalSession(folder.root), graphical, `${type} ${kind}`)
  }
})

it('A session that ends meanwhile, and what is no session, does not count', () => {
  using folder = new Folder()
  symlinkSync('ended', folder.path('1'))
  folder.write('.#2temporary', session('x11', 'user'))
  assert.equal(hasGraphicalSession(folder.root), false)
  folder.write('2', session('x11', 'user'))
  assert.equal(hasGraphicalSession(folder.root), true)
})

it('Where logind is not, or says nothing, nobody knows', () => {
  using folder = new Folder()
  assert.equal(hasGraphicalSession(folder.path('nowhere')), null)
  folder.directory('1')
  assert.equal(hasGraphicalSession(folder.root), null)
})
