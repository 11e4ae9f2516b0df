import { applicationCases } from './application.ts'
import type { Case } from './case.ts'
import { filterCases } from './filters.ts'
import { listCases } from './list.ts'
import { registerCases } from './register.ts'
import { restartCases } from './restart.ts'
import { sessionCases } from './sessions.ts'
import { shutdownCases } from './shutdown.ts'

export const allCases: Case[] = [
  ...sessionCases,
  ...registerCases,
  ...listCases,
  ...shutdownCases,
  ...restartCases,
  ...filterCases,
  ...applicationCases,
]
