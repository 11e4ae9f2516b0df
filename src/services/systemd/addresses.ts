import type { Scope } from './control-group.ts'

/** Where a service manager answers: at its own socket (`direct`, no bus between) or on a message bus. */
export interface Address {
  direct: boolean
  /** The path of a socket. */
  socket?: string
  /** In the format of the D-Bus specification: `unix:path=/run/dbus/system_bus_socket`. */
  busAddress?: string
}

/**
 * Where to reach a service manager, the best first. Its own socket comes before the bus, as in systemctl: it is there
 * without D-Bus and outlives a restart of D-Bus. Only root may use the one of the machine.
 */
export function addressesOf(scope: Scope, uid: number, environment: NodeJS.ProcessEnv): Address[] {
  if (scope.kind === 'system') {
    const bus = onBus(environment['DBUS_SYSTEM_BUS_ADDRESS'], '/run/dbus/system_bus_socket')
    return uid === 0 ? [{ direct: true, socket: '/run/systemd/private' }, bus] : [bus]
  }
  if (scope.uid !== uid) return [{ direct: true, socket: privateSocket(scope.uid) }]
  const directory = environment['XDG_RUNTIME_DIR'] ?? `/run/user/${scope.uid}`
  return [
    { direct: true, socket: `${directory}/systemd/private` },
    onBus(environment['DBUS_SESSION_BUS_ADDRESS'], `${directory}/bus`),
  ]
}

/** Where the service manager of a user listens; it obeys that user and root (`src/libsystemd/sd-bus/sd-bus.c`, peer credentials). */
export function privateSocket(uid: number): string {
  return `/run/user/${uid}/systemd/private`
}

function onBus(busAddress: string | undefined, socket: string): Address {
  return busAddress ? { direct: false, busAddress } : { direct: false, socket }
}
