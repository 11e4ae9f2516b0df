export { scriptArgument } from './command-line.ts'
export { ScriptFinder, type ScriptFile, type ScriptFindings } from './finder.ts'
export { languageOf, languages, type Language } from './languages.ts'
export { everyFile, type ScriptTargets } from './script-targets.ts'
