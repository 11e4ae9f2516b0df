import type { BuiltIn } from './critical-services.ts'

interface Entry extends BuiltIn {
  names: RegExp
  /** Only as part of a login session: the same program also waits for the next one to log in. */
  inSession?: true
}

/** Where a system keeps its programs; a file of the same name anywhere else is somebody's own. */
const systemPrograms =
  /^(?:\/usr|\/usr\/local|\/nix\/store\/[^/]+|\/gnu\/store\/[^/]+)?\/(?:s?bin|lib(?:exec|32|64)?)\/(?:.*\/)?([^/]+)$/

/**
 * Programs that are not stopped for an update: those that a login session lives on. What needrestart, tracer and checkrestart
 * leave to the user. By the file that runs, never by the name that a process gives itself.
 */
const critical: Entry[] = [
  {
    names: /^(sshd-session|sshd-auth|mosh-server)$/,
    why: 'a connection of somebody who is logged in ends with it',
    cure: 'log-out',
  },
  {
    names: /^(sshd|dropbear)$/,
    why: 'a connection of somebody who is logged in ends with it',
    cure: 'log-out',
    inSession: true,
  },
  {
    names:
      /^(login|gdm-session-worker|gdm-(x|wayland)-session|sddm-helper|lightdm|greetd|lxdm-session|xrdp-sesman|lxsession|ck-launch-session)$/,
    why: 'somebody is logged in through it',
    cure: 'log-out',
    inSession: true,
  },
  {
    names: /^(Xorg|Xwayland|X|Xvnc|Xtigervnc|Xrdp|xinit)$/,
    why: 'it is the screen of everything in a graphical session',
    cure: 'log-out',
  },
  {
    names:
      /^(gnome-shell|mutter|kwin_x11|kwin_wayland(_wrapper)?|cinnamon|muffin|sway|weston|labwc|Hyprland|niri|river|wayfire|cosmic-comp|xfwm4|marco|metacity|openbox|i3|awesome|bspwm|dwm|xmonad.*|icewm|fluxbox|enlightenment|budgie-wm|compiz|phoc)$/,
    why: 'it shows the windows of a graphical session',
    cure: 'log-out',
  },
  {
    names:
      /^(gnome-session(-binary|-service|-init-worker)?|ksmserver|plasma_session|startplasma-(x11|wayland)|kdeinit[456]|xfce4-session|mate-session|cinnamon-session(-binary)?|lxsession|lxqt-session|budgie-session-binary|cosmic-session|gnome-keyring-daemon|kwalletd[56]?)$/,
    why: 'a graphical session ends with it, or loses what it holds',
    cure: 'log-out',
  },
  {
    names: /^(dbus-daemon|dbus-broker|dbus-broker-launch|dbus-launch)$/,
    why: 'every program on its message bus depends on it',
    cure: 'log-out',
  },
  {
    names: /^(tmux|screen|zellij|dtach|abduco)$/,
    why: 'all that runs in its terminals ends with it',
    cure: 'by-hand',
  },
]

/** The panels and desktops that a session starts again, and does without for a moment: what Explorer is on Windows. */
const desktopShells =
  /^(plasmashell|xfce4-panel|xfdesktop|mate-panel|lxpanel|lxqt-panel|lxqt-desktop|budgie-panel|cinnamon-desktop|cosmic-panel|waybar|polybar|tint2|nemo-desktop|caja-desktop)$/

/** What the built-in list says of a program; null where it is not there. `inSession`: it belongs to a login session. */
export function criticalProgram(executable: string | null, inSession: boolean): BuiltIn | null {
  const name = systemName(executable)
  if (name === null) return null
  return critical.find((entry) => entry.names.test(name) && (inSession || !entry.inSession)) ?? null
}

/** Whether a program is of the type `explorer`. */
export function isDesktopShell(executable: string | null): boolean {
  const name = systemName(executable)
  return name !== null && desktopShells.test(name)
}

function systemName(executable: string | null): string | null {
  return executable === null ? null : (systemPrograms.exec(executable)?.[1] ?? null)
}
