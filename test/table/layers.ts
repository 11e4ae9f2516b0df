import { appendFileSync } from 'node:fs'
import { pathBytes } from '../../src/text/path-bytes.ts'
import { heldCases, type Case } from './case.ts'

const only = { overlay: true }
const part = 'Layers of an overlay'

/** A file of an overlay before and after it is copied from the lower layer to the upper one: when it is first opened for writing. */
export const layers: Case[] = [
  ...heldCases(
    part,
    'held in the upper layer, made there',
    (stage, hold) => {
      const file = stage.path('new')
      return {
        registered: file,
        prepare: () => write(file),
        before: [{ steps: hold.steps(file), uses: [hold.use] }],
      }
    },
    only,
  ),
  ...heldCases(
    part,
    'held after it was copied up',
    (stage, hold) => {
      const file = stage.file()
      return {
        registered: file,
        prepare: () => write(file),
        before: [{ steps: hold.steps(file), uses: [hold.use] }],
      }
    },
    only,
  ),
  ...heldCases(
    part,
    'registered, then copied up, then held',
    (stage, hold) => {
      const file = stage.file()
      return {
        registered: file,
        change: () => write(file),
        after: [{ steps: hold.steps(file), uses: [hold.use] }],
      }
    },
    only,
  ),
  ...heldCases(
    part,
    'held, then copied up by another',
    (stage, hold) => {
      const file = stage.file()
      return {
        registered: file,
        before: [{ steps: hold.steps(file), uses: [hold.use] }],
        change: () => write(file),
      }
    },
    only,
  ),
  ...heldCases(
    part,
    'held, one of two hard links in the lower layer, then copied up by another',
    (stage, hold) => {
      const file = stage.file()
      stage.hardLink(file, 'link')
      // Without an index of links (the mount option) the copy gets an inode number of its own, and a descriptor has the copy.
      const uses = hold.name === 'mapped' ? ['mapped replaced'] : ['open']
      return {
        registered: file,
        before: [{ steps: hold.steps(file), uses }],
        change: () => write(file),
      }
    },
    only,
  ),
  ...heldCases(
    part,
    'held, then copied up by another, then registered',
    (stage, hold) => {
      const file = stage.file()
      return {
        registered: file,
        registeredLate: true,
        before: [{ steps: hold.steps(file), uses: [hold.use] }],
        change: () => write(file),
      }
    },
    only,
  ),
  ...heldCases(
    part,
    'held, then copied up by another, then removed',
    (stage, hold) => {
      const file = stage.file()
      return {
        registered: file,
        before: [{ steps: hold.steps(file), uses: [`${hold.use} replaced`] }],
        change() {
          write(file)
          stage.remove(file)
        },
      }
    },
    only,
  ),
  ...heldCases(
    part,
    "the layer's own file held: no use of the overlay's",
    (stage, hold) => {
      const file = stage.file()
      return { registered: file, before: [{ steps: hold.steps(stage.lower(file)), uses: [] }] }
    },
    only,
  ),
]

function write(file: string): void {
  appendFileSync(pathBytes(file), 'more\n')
}
