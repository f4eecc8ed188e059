import { ActionIcon, Tooltip, useMantineColorScheme } from '@mantine/core'
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const
const LOOKS = {
  auto: [IconDeviceDesktop, "the system's"],
  light: [IconSun, 'light'],
  dark: [IconMoon, 'dark'],
} as const

/** Goes round from the system's scheme to light to dark. */
export function ThemeSwitch() {
  // Without keepTransitions Mantine would inject a style element, which the content security policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const [Icon, word] = LOOKS[colorScheme]
  return (
    <Tooltip label={`Colours: ${word}`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Colours: ${word}. Change to ${LOOKS[NEXT[colorScheme]][1]}`}
        onClick={() => setColorScheme(NEXT[colorScheme])}
      >
        <Icon size={17} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}
