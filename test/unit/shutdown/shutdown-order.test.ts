import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applicationTypes, inOrderOfShutdown, type ApplicationType } from '../../../src/model/index.ts'
import { anApplication } from '../../fixtures/store-folder.ts'

function item(type: ApplicationType, name: string = type) {
  return { application: { ...anApplication(name), type } }
}

function names(items: ReturnType<typeof item>[]): string[][] {
  return inOrderOfShutdown(items).map((members) => members.map(({ application }) => application.name))
}

describe('The order of shutdown', () => {
  it('is windows, console, services, desktop shell, and every type has a place in it', () => {
    const expected = [['main-window', 'other-window'], ['unknown', 'console', 'critical'], ['service'], ['explorer']]
    assert.deepEqual(names(applicationTypes.map((type) => item(type))), expected)
    assert.deepEqual(
      names(applicationTypes.map((type) => item(type)).reverse()),
      expected.map((members) => [...members].reverse()),
    )
  })

  it('holds for every two types', () => {
    const place = (type: ApplicationType) =>
      [['main-window', 'other-window'], ['unknown', 'console', 'critical'], ['service'], ['explorer']].findIndex(
        (members) => members.includes(type),
      )
    for (const a of applicationTypes) {
      for (const b of applicationTypes) {
        const together = place(a) === place(b)
        const expected = together ? [['a', 'b']] : place(a) < place(b) ? [['a'], ['b']] : [['b'], ['a']]
        assert.deepEqual(names([item(a, 'a'), item(b, 'b')]), expected, `${a} ${b}`)
      }
    }
  })

  it('keeps what it was given inside a class, and loses nothing', () => {
    assert.deepEqual(names([item('service', 'x'), item('console', 'y'), item('service', 'z')]), [['y'], ['x', 'z']])
    assert.deepEqual(names([]), [])
  })
})
