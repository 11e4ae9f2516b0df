export const policyActions = ['critical', 'ordinary', 'no-shutdown', 'no-restart', 'restart'] as const
/**
 * What an administrator's rule says of an application. `critical`: it must not be stopped. `ordinary`: it may be, also where the
 * built-in list says no. `no-shutdown` and `no-restart`: as the filters of these names. `restart`: it may be started again
 * as it was, although it never registered for that.
 */
export type PolicyAction = (typeof policyActions)[number]

/** The rule that decided about an application, and where it stands. */
export interface AppliedRule {
  action: PolicyAction
  /** In the words of who wrote the rule; null where it gives no reason. */
  why: string | null
  file: string
  /** Of `[[rule]]`; the first is 1. */
  line: number
}
