// Given to node with --import: `restart-manager` and what lies beneath it is the source here, not what was built last.
import { registerHooks } from 'node:module'

const faces: Record<string, string> = {
  'restart-manager': '../../src/index.ts',
  'restart-manager/application': '../../src/application.ts',
  'restart-manager/rstrtmgr': '../../src/rstrtmgr.ts',
}

registerHooks({
  resolve: (specifier, context, next) =>
    faces[specifier] === undefined
      ? next(specifier, context)
      : { url: new URL(faces[specifier], import.meta.url).href, shortCircuit: true },
})
