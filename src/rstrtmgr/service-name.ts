/** What a person types for a unit: `nginx` for `nginx.service`. */
export function shortServiceName(unit: string): string {
  return unit.replace(/\.service$/, '')
}
