/** Services that are never stopped for an update, and why: what the lists of needrestart, tracer, dnf and oldprocs have in common. */
const critical: { pattern: RegExp; why: string }[] = [
  { pattern: /^(dbus|dbus-broker|dbus-daemon)$/, why: 'every service on the message bus depends on it' },
  { pattern: /^(systemd-logind|elogind)$/, why: 'it holds the login sessions' },
  { pattern: /^user(-runtime-dir)?@/, why: 'it holds all programs of a logged-in user' },
  { pattern: /^(getty|serial-getty|console-getty|container-getty)(@.*)?$/, why: 'somebody may be logged in on it' },
  {
    pattern: /^(display-manager|gdm3?|greetd|kdm|lightdm|lxdm|nodm|sddm|slim|wdm|xdm)$/,
    why: 'the graphical session ends with it',
  },
  {
    pattern:
      /^(NetworkManager|ModemManager|wpa_supplicant|networking|systemd-networkd|systemd-resolved|connman|ifup@.*)$/,
    why: 'the network, and the way to this machine, depends on it',
  },
  { pattern: /^(openvpn|wg-quick|strongswan|libreswan|tinc)([@-].*)?$/, why: 'a tunnel ends with it' },
  { pattern: /^(docker|containerd|lxc|lxcfs|incus|lxd|crio)$/, why: 'containers end with it' },
  {
    pattern: /^(libvirtd|virtqemud|virtlogd|virtlockd|xendomains|systemd-nspawn@.*)$/,
    why: 'virtual machines end with it',
  },
  { pattern: /^(apt-daily|apt-daily-upgrade|unattended-upgrades|packagekit)$/, why: 'a package manager runs in it' },
  { pattern: /^(emergency|rescue)$/, why: 'the machine is being repaired' },
]

/** Why a service must not be stopped; null where nothing speaks against it. `name` with or without `.service`. */
export function criticalService(name: string): string | null {
  const short = name.replace(/\.service$/, '')
  return critical.find(({ pattern }) => pattern.test(short))?.why ?? null
}
