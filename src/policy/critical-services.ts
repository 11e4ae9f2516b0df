import type { Cure } from '../model/index.ts'

/** What the built-in list says of something critical. */
export interface BuiltIn {
  why: string
  /** `soft-reboot`: also where this machine has none; then it is a reboot. */
  cure: Cure
  /** Only while somebody is logged in at a graphical screen. */
  withGraphicalSession?: true
}

interface Entry extends BuiltIn {
  pattern: RegExp
}

const graphical = 'the graphical sessions end with it'
const network = 'the network, and the way to this machine, depends on it'
const repair = 'the machine is being repaired'

/**
 * Services that are not stopped for an update, and why: what the lists of needrestart (`override_rc`), tracer, dnf, zypper,
 * oldprocs and checkrestart have in common, and what loses more by being stopped than by the restart that they had in mind.
 */
const critical: Entry[] = [
  {
    pattern: /^(dbus|dbus-broker|dbus-daemon|messagebus)$/,
    why: 'every service on the message bus depends on it',
    cure: 'soft-reboot',
  },
  { pattern: /^(systemd-logind|elogind)$/, why: 'it holds the login sessions', cure: 'soft-reboot' },
  { pattern: /^user(-runtime-dir)?@/, why: 'it holds all programs of a logged-in user', cure: 'log-out' },
  { pattern: /^systemd-homed(-activate)?$/, why: 'home directories are closed with it', cure: 'soft-reboot' },
  {
    pattern: /^systemd-journald(@.*)?$/,
    why: 'the services that write to the journal lose their connection while it is stopped',
    cure: 'by-hand',
  },
  { pattern: /^systemd-cryptsetup@/, why: 'an encrypted disk is closed with it', cure: 'reboot' },
  {
    pattern: /^(getty|autovt|serial-getty|console-getty|container-getty|mingetty|agetty|kmsconvt)(@.*)?$/,
    why: 'somebody may be logged in on it',
    cure: 'log-out',
  },
  {
    pattern: /^(display-manager|gdm3?|greetd|kdm|lightdm|ly|lxdm|nodm|plasmalogin|sddm|slim|wdm|xdm)$/,
    why: graphical,
    cure: 'log-out',
    withGraphicalSession: true,
  },
  {
    pattern: /^(cockpit|cockpit-wsinstance-.*|cockpit-session@.*)$/,
    why: 'somebody may be logged in through it',
    cure: 'log-out',
  },
  { pattern: /^(xrdp(-sesman)?|(tiger)?vncserver@.*|xvnc@.*)$/, why: graphical, cure: 'log-out' },
  {
    pattern:
      /^(org\.gnome\.(Shell|SettingsDaemon)\b.*|gnome-session-.*|plasma-(kwin|ksmserver|kcminit).*|gnome-keyring-daemon|wayland-(wm|session).*|sway|niri|hyprland.*)$/,
    why: 'the graphical session ends with it',
    cure: 'log-out',
  },
  {
    pattern:
      /^(NetworkManager|ModemManager|wpa_supplicant(@.*|-.*)?|iwd|network|networking|systemd-networkd|systemd-resolved|connman|wicked(d.*)?|netctl([@-].*)?|netplan-(wpa|ovs)-.*|openvswitch(-switch)?|ovs-vswitchd|ovsdb-server|dhcpcd(@.*)?|dhclient(@.*)?|ifup(@.*)?|bird6?|frr|quagga|zebra|qrtr-ns|rmtfs|bluetooth|hostapd(@.*)?)$/,
    why: network,
    cure: 'soft-reboot',
  },
  {
    pattern:
      /^(openvpn(-client|-server)?|wg-quick|wireguard(-.*)?|strongswan(-starter|-swanctl)?|libreswan|openswan|freeswan|ipsec|tinc|openconnect|vpnc|tailscaled|zerotier-one|nebula|netbird|xl2tpd|pptpd|cloudflared)(@.*)?$/,
    why: 'a tunnel ends with it',
    cure: 'by-hand',
  },
  {
    pattern: /^(firewalld|nftables|iptables|ip6tables|netfilter-persistent|ufw|shorewall6?|ferm)$/,
    why: 'the machine has no firewall while it is stopped',
    cure: 'by-hand',
  },
  {
    pattern:
      /^(docker|containerd|balena|crio|cri-o|lxc(@.*|-.*)?|lxcfs|(incus|lxd)d?([@-].*)?|pve-container@.*|snap\.(docker|lxd)\..*)$/,
    why: 'containers may end with it',
    cure: 'by-hand',
  },
  {
    pattern:
      /^(libvirtd?|libvirt-bin|libvirt-guests|pve-guests|virt(qemu|lxc|xen|network|storage)d|virtlogd|virtlockd|xendomains|xenstored|xen.*-qemu|systemd-nspawn@.*|vboxdrv|qemu-kvm)$/,
    why: 'virtual machines may end with it',
    cure: 'by-hand',
  },
  {
    pattern:
      /^(zfs-(fuse|mount|zed|share)|iscsid|open-iscsi|multipathd|lvm2-.*|drbd|glusterd|ceph-(osd|mon)@.*|autofs)$/,
    why: 'file systems depend on it',
    cure: 'reboot',
  },
  { pattern: /^(auditd|usbguard)$/, why: 'the machine is not guarded while it is stopped', cure: 'by-hand' },
  { pattern: /^(bacula-.*|bareos-.*|mythtv-backend)$/, why: 'a job that takes hours may run in it', cure: 'by-hand' },
  {
    pattern:
      /^(apt-daily|apt-daily-upgrade|unattended-upgrades|packagekit|dnf-.*|dnf5daemon-server|yum-.*|rpm-ostreed|zypp.*|transactional-update|pamac.*|snapd|aptd|system-update-.*|packagekit-offline-update)$/,
    why: 'a package manager runs in it',
    cure: 'by-hand',
  },
  { pattern: /^(rc-local|cron-.*)$/, why: 'nobody knows what it started', cure: 'by-hand' },
  { pattern: /^(emergency|rescue|debug-shell)$/, why: repair, cure: 'reboot' },
]

/** What the built-in list says of a service; null where it is not there. `name` with or without `.service`. */
export function criticalService(name: string): BuiltIn | null {
  const short = name.replace(/\.service$/, '')
  return critical.find(({ pattern }) => pattern.test(short)) ?? null
}
