import type { AppliedRule } from '../../model/index.ts'
import { shown } from './text.ts'

/** Which rule of the policy decided: `as /etc/restart-manager/policy.toml:3 says`. */
export function asRuleSays({ file, line }: AppliedRule): string {
  return `as ${shown(file)}:${line} says`
}
