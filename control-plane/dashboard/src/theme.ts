import { createTheme, localStorageColorSchemeManager } from '@mantine/core'

/** Colours live in styles/theme.css as static variables, so that Mantine need not inject a style element. */
export const theme = createTheme({
  primaryColor: 'indigo',
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
})

export const colorScheme = localStorageColorSchemeManager({ key: 'cronclave-color-scheme' })
