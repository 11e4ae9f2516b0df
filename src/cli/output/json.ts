/** JSON with every bigint as a decimal string. */
export function toJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? part.toString() : part), indent)
}
