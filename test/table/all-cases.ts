import type { Case } from './case.ts'
import { directoryUses } from './directories.ts'
import { layers } from './layers.ts'
import { places } from './places.ts'
import { fileUses } from './uses.ts'

/** The rows of the table, in its order. */
export const allCases: Case[] = [...fileUses, ...directoryUses, ...places, ...layers]
