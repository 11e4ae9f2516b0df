// The layers of src/ (ARCHITECTURE.md): what each folder may import besides itself. Anything else fails the lint.
const ground = ['model', 'errors', 'text']
const doorways = ['services', 'processes', 'store', 'linux']
const useCases = ['detection', 'affected', 'shutdown', 'restart', 'policy']
const mayImport = {
  model: [],
  errors: [],
  text: ['errors'],
  linux: ground,
  services: [...ground, 'linux'],
  processes: [...ground, 'linux'],
  store: [...ground, 'linux'],
  application: [...ground, 'processes'],
  policy: ground,
  detection: [...ground, 'linux'],
  affected: [...ground, 'linux', 'detection', 'policy'],
  shutdown: [...ground, 'affected', 'restart'],
  restart: ground,
  session: [...ground, ...doorways, ...useCases],
  rstrtmgr: [...ground, 'linux', 'session', 'application'],
}
// Use cases know the doorways by their interfaces only.
const interfaces = '^src/(services/service-manager|store/session-store|processes/process-manager)\\.ts$'

module.exports = {
  forbidden: [
    ...Object.entries(mayImport).map(([folder, allowed]) => ({
      name: `layer-${folder}`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: [`^src/(${[folder, ...allowed].join('|')})/`, interfaces] },
    })),
    {
      name: 'nobody-imports-the-command',
      severity: 'error',
      from: { pathNot: '^(src/cli|test)/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'doorways-are-opened-in-one-place',
      comment:
        'the real service managers and the real store are put together in session/doorways.ts and service-managers.ts',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(services|store|processes|cli|session/(doorways|service-managers)\\.ts|application\\.ts)',
      },
      to: { path: '^src/(services/systemd|store/sqlite)/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'koffi-only-in-linux',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/linux/' },
      to: { path: 'node_modules/koffi' },
    },
    {
      name: 'no-dead-files',
      severity: 'error',
      from: { orphan: true, path: '^src/' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
}
