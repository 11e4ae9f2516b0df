import { interpreterOf, type Interpreter } from './interpreters.ts'
import { optionsOf, type Meaning, type Options } from './options.ts'

/** What the command line of an interpreter says of the program. */
export interface Invocation {
  /** The file that is the program, as it was given. */
  script: string | null
  /** The module that is the program: `python -m`; the main class of `java`. */
  module: string | null
  /** Program text: `-c`, `-e`. */
  texts: string[]
  /** Where modules are looked for besides. */
  includes: string[]
  /** Modules loaded before the program. */
  preloads: string[]
  /** The options without an argument: letters, and words with their dashes. */
  flags: string[]
}

/** The script in the command line of an interpreter, as it was given; null where there is none, or it runs something else. */
export function scriptArgument(executable: string, command: readonly string[]): string | null {
  const interpreter = interpreterOf(executable, command)
  return interpreter && parseCommand(interpreter, command).script
}

/** `command`: the arguments, the program's own name first. */
export function parseCommand(interpreter: Interpreter, command: readonly string[]): Invocation {
  const parser = new CommandParser(optionsOf[interpreter.name])
  const invocation = parser.parse(command.slice(1 + interpreter.skip))
  return interpreter.name === 'java' ? withMainClass(invocation) : invocation
}

/** What options in a variable of the environment add: NODE_OPTIONS, PERL5OPT, RUBYOPT. */
export function parseOptions(interpreter: Interpreter, text: string): Invocation {
  const words = Array.from(text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g), ([, quoted, word]) => quoted ?? word ?? '')
  return new CommandParser(optionsOf[interpreter.name]).parse(words)
}

/** What `java` runs is a class by its name, unless it is a source file. */
function withMainClass(invocation: Invocation): Invocation {
  const { script, flags } = invocation
  if (script === null || flags.includes('-jar') || script.endsWith('.java')) return invocation
  return { ...invocation, script: null, module: script }
}

class CommandParser {
  readonly #options: Options
  readonly #invocation: Invocation = {
    script: null,
    module: null,
    texts: [],
    includes: [],
    preloads: [],
    flags: [],
  }
  #words: readonly string[] = []
  #next = 0
  /** The program is known, or known to be no file. */
  #isDecided = false

  constructor(options: Options) {
    this.#options = options
  }

  parse(words: readonly string[]): Invocation {
    this.#words = words
    for (let word = this.#take(); word !== null; word = this.#take()) {
      if (word === '--' || (word === '-' && this.#options.dashEnds)) {
        this.#operand(this.#take())
        break
      }
      if (word === '-') break
      if (!this.#isOption(word)) {
        if (this.#isOwnCommand(word)) continue
        this.#operand(word)
        break
      }
      if (this.#options.clustered && !word.startsWith('--')) this.#letters(word)
      else this.#word(word)
      if (this.#hasEnded()) break
    }
    return this.#invocation
  }

  #take(): string | null {
    return this.#words[this.#next++] ?? null
  }

  #hasEnded(): boolean {
    const { script, module, texts } = this.#invocation
    return script !== null || module !== null || (this.#options.textEnds && texts.length > 0)
  }

  #isOption(word: string): boolean {
    return word.startsWith('-') || (this.#options.plus && word.startsWith('+'))
  }

  /** `bun run script`: a command that runs a script; of any other it is not known what it runs. */
  #isOwnCommand(word: string): boolean {
    if (!this.#options.commands.has(word) || this.#invocation.flags.includes(word)) return false
    this.#invocation.flags.push(word)
    if (!this.#options.runCommands.has(word)) this.#isDecided = true
    return true
  }

  #letters(word: string): void {
    for (let at = 1; at < word.length; at += 1) {
      const letter = word.charAt(at)
      const rest = word.slice(at + 1)
      const taken = this.#options.attached.get(letter)?.exec(rest)?.[0]
      if (taken !== undefined) {
        this.#argument(letter, taken)
        at += taken.length
      } else if (this.#options.valued.has(letter)) {
        // `-o` of a shell stands among other letters: `-eo pipefail`, and `-oe pipefail` too.
        if (this.#options.textIsOperand) this.#take()
        else {
          this.#argument(letter, rest === '' ? this.#take() : rest)
          break
        }
      } else this.#flag(letter)
    }
  }

  #word(word: string): void {
    const equals = word.indexOf('=')
    const name = equals < 0 ? word : word.slice(0, equals)
    if (equals >= 0) this.#argument(name, word.slice(equals + 1))
    else if (this.#options.valued.has(name)) this.#argument(name, this.#take())
    else this.#flag(name)
  }

  #flag(name: string): void {
    this.#invocation.flags.push(name)
    if (this.#options.meanings.get(name) === 'none') this.#isDecided = true
  }

  #argument(name: string, value: string | null): void {
    this.#invocation.flags.push(name)
    const meaning = this.#options.meanings.get(name)
    if (meaning === undefined || value === null) return
    this.#mean(meaning, value)
  }

  #mean(meaning: Meaning, value: string): void {
    const { texts, includes, preloads } = this.#invocation
    switch (meaning) {
      case 'text':
        this.#isDecided = true
        texts.push(value)
        break
      case 'module':
        if (!this.#isDecided) this.#invocation.module = value
        break
      case 'script':
        if (!this.#isDecided) this.#invocation.script = value
        break
      case 'include':
        includes.push(value)
        break
      case 'preload':
        preloads.push(value)
        break
      case 'none':
        this.#isDecided = true
    }
  }

  #operand(word: string | null): void {
    if (word === null || this.#isDecided) return
    if (this.#options.textIsOperand && this.#invocation.flags.includes('c')) this.#invocation.texts.push(word)
    else this.#invocation.script = word
  }
}
