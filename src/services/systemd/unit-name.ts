const maximumLength = 255
const validName = /^[A-Za-z0-9:_.\\-]+(@[A-Za-z0-9:_.\\@-]+)?$/
const types = ['service', 'socket', 'target', 'device', 'mount', 'automount', 'swap', 'timer', 'path', 'slice', 'scope']

/**
 * The type of a unit by its name (`service` for `nginx.service`); null where it is no valid name of one unit: a template
 * (`getty@.service`) is none. Source: unit_name_is_valid, systemd `src/basic/unit-name.c`.
 */
export function unitType(name: string): string | null {
  const dot = name.lastIndexOf('.')
  const type = name.slice(dot + 1)
  if (dot < 1 || name.length > maximumLength || !types.includes(type)) return null
  return validName.test(name.slice(0, dot)) ? type : null
}

/**
 * The full name of a service that may be given short, as systemctl takes it: `nginx` is `nginx.service`. Null where it is
 * malformed or names a unit of another type.
 */
export function serviceName(name: string): string | null {
  const full = types.some((type) => name.endsWith(`.${type}`)) ? name : `${name}.service`
  return unitType(full) === 'service' ? full : null
}
