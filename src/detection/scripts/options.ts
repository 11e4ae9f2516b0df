import type { InterpreterName } from './interpreters.ts'

/**
 * What the argument of an option is. `text`: program text. `module`: the name of the module that is the program; it ends the
 * options, as `final` does. `script`: the file that is the program; ends them too. `include`: where modules are looked for.
 * `preload`: a module that is loaded first. `none`: the program is no file.
 */
export type Meaning = 'text' | 'module' | 'script' | 'include' | 'preload' | 'none'

export interface Options {
  /** Letters may stand together: `-bI dir`. Else a word with one dash is one option. */
  clustered: boolean
  /** Letters and words that take an argument: the rest of the word, or what is behind its `=`, or else the next word. */
  valued: ReadonlySet<string>
  /** Letters that take what of the rest of their word matches. */
  attached: ReadonlyMap<string, RegExp>
  meanings: ReadonlyMap<string, Meaning>
  /** What the text of the program is where `text` is an option without an argument: the first argument that is no option. */
  textIsOperand: boolean
  /** Nothing behind the text of the program is an option. */
  textEnds: boolean
  /** Options may begin with `+` too. */
  plus: boolean
  /** `-` is an end of the options, like `--`, and no standard input. */
  dashEnds: boolean
  /** Commands of its own, before the script; of them the ones that run one. Where there is none of them it is the script. */
  commands: ReadonlySet<string>
  runCommands: ReadonlySet<string>
}

function options(
  settings: {
    clustered?: boolean
    valued?: string
    attached?: Record<string, RegExp>
    meanings?: Record<string, Meaning>
    textIsOperand?: boolean
    textEnds?: boolean
    plus?: boolean
    dashEnds?: boolean
    commands?: string
    runCommands?: string
  } = {},
): Options {
  const words = (text = '') => new Set(text.split(' ').filter(Boolean))
  return {
    clustered: settings.clustered ?? true,
    valued: words(settings.valued),
    attached: new Map(Object.entries(settings.attached ?? {})),
    meanings: new Map(Object.entries(settings.meanings ?? {})),
    textIsOperand: settings.textIsOperand ?? false,
    textEnds: settings.textEnds ?? false,
    plus: settings.plus ?? false,
    dashEnds: settings.dashEnds ?? false,
    commands: words(settings.commands),
    runCommands: words(settings.runCommands),
  }
}

const rest = /^.*/s

/** As `sh -c text name`; -o and -O take the name of an option. */
const shell = options({
  valued: 'o O --rcfile --init-file --emulate',
  meanings: { c: 'text', s: 'none' },
  textIsOperand: true,
  plus: true,
  dashEnds: true,
})

/** `node --help` of version 24, where an option is followed by `=...`, and those of older ones. */
const nodeValued = `-r --require --import --loader --experimental-loader -e --eval -p --print -pe -C --conditions
  --allow-fs-read --allow-fs-write --build-snapshot-config --cpu-prof-dir --cpu-prof-interval --cpu-prof-name --debug-port
  --diagnostic-dir --disable-proto --disable-warning --dns-result-order --env-file --env-file-if-exists
  --es-module-specifier-resolution --experimental-config-file --experimental-default-type --experimental-package-map
  --experimental-policy --experimental-sea-config --heap-prof-dir --heap-prof-interval --heap-prof-name
  --heapsnapshot-near-heap-limit --heapsnapshot-signal --icu-data-dir --input-type --inspect-port --inspect-publish-uid
  --localstorage-file --max-http-header-size --max-old-space-size-percentage
  --network-family-autoselection-attempt-timeout --openssl-config --policy-integrity --redirect-warnings --report-dir
  --report-directory --report-filename --report-signal --run --secure-heap --secure-heap-min --security-revert
  --snapshot-blob --test-concurrency --test-coverage-branches --test-coverage-exclude --test-coverage-functions
  --test-coverage-include --test-coverage-lines --test-global-setup --test-isolation --test-name-pattern
  --test-random-seed --test-reporter --test-reporter-destination --test-rerun-failures --test-shard --test-skip-pattern
  --test-timeout --title --tls-cipher-list --tls-keylog --trace-event-categories --trace-event-file-pattern
  --unhandled-rejections --use-largepages --v8-pool-size --watch-kill-signal --watch-path`.replaceAll('\n', ' ')

const nodeMeanings: Record<string, Meaning> = {
  '-r': 'preload',
  '--require': 'preload',
  '--import': 'preload',
  '--loader': 'preload',
  '--experimental-loader': 'preload',
  '-e': 'text',
  '--eval': 'text',
  '-p': 'text',
  '--print': 'text',
  '-pe': 'text',
  '--run': 'none',
  '-i': 'none',
}

/** By their manual pages: python(1), node(1), perlrun(1), ruby(1), php(1), java(1), bash(1), dash(1), zsh(1), ksh(1); `bun --help`, `deno run --help`. */
export const optionsOf: Record<InterpreterName, Options> = {
  python: options({
    valued: 'c m W X Q --check-hash-based-pycs',
    meanings: { c: 'text', m: 'module' },
    textEnds: true,
  }),
  node: options({
    clustered: false,
    valued: nodeValued,
    meanings: nodeMeanings,
    commands: 'inspect',
    runCommands: 'inspect',
  }),
  bun: options({
    clustered: false,
    valued:
      '-r --preload --require --import -e --eval -p --print --port -c --config --cwd --env-file --tsconfig-override -d --define -l --loader --conditions --main-fields --extension-order --install --shell --filter -F',
    meanings: {
      '-r': 'preload',
      '--preload': 'preload',
      '--require': 'preload',
      '--import': 'preload',
      '-e': 'text',
      '--eval': 'text',
      '-p': 'text',
      '--print': 'text',
    },
    commands:
      'run test x exec repl install i add a remove rm update link unlink pm build init create c upgrade outdated publish patch',
    runCommands: 'run',
  }),
  deno: options({
    clustered: false,
    valued:
      '-c --config --import-map --lock --cert --location --seed --v8-flags -L --log-level --ext --node-modules-dir --port --host --preload --import --require',
    meanings: { '--preload': 'preload', '--import': 'preload', '--require': 'preload' },
    commands:
      'run serve test bench eval repl fmt lint check compile install i add remove cache task upgrade lsp jupyter doc info init publish outdated clean types completions coverage',
    runCommands: 'run serve',
  }),
  perl: options({
    valued: 'e E I',
    attached: {
      ...{ D: rest, F: rest, M: rest, i: rest, m: rest, x: rest },
      ...{ 0: /^(x[\da-f]+|[0-7]*)/i, C: /^(\d+|[IOEioADSLa]*)/, V: /^(:.*)?/, d: /^(t?:.*|t)?/, l: /^[0-7]*/ },
    },
    meanings: { e: 'text', E: 'text', I: 'include', M: 'preload', m: 'preload' },
  }),
  ruby: options({
    valued: 'e I r C X E --encoding --external-encoding --internal-encoding --enable --disable --dump --parser',
    attached: { 0: /^[0-7]*/, F: rest, K: /^.?/, T: /^\d*/, W: /^(:.*|\d)?/, i: rest, x: rest },
    meanings: { e: 'text', I: 'include', r: 'preload' },
  }),
  php: options({
    valued:
      'c d f r B R E F S t z --php-ini --define --file --run --process-begin --process-code --process-end --process-file --server --docroot --zend-extension --rf --rc --re --rz --ri',
    meanings: {
      f: 'script',
      '--file': 'script',
      F: 'script',
      '--process-file': 'script',
      r: 'text',
      '--run': 'text',
      R: 'none',
      '--process-code': 'none',
    },
  }),
  java: options({
    clustered: false,
    valued:
      '-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules --enable-native-access --add-reads --add-exports --add-opens --limit-modules --patch-module --source -d --describe-module -m --module -jar',
    meanings: {
      '-jar': 'script',
      '-cp': 'include',
      '-classpath': 'include',
      '--class-path': 'include',
      '-p': 'include',
      '--module-path': 'include',
      '-m': 'module',
      '--module': 'module',
    },
  }),
  bash: shell,
  sh: shell,
  zsh: shell,
  ksh: shell,
}
