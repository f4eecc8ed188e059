import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { createRoot } from 'react-dom/client'
import './styles/mantine.css'
import './styles/theme.css'
import './styles/base.css'
import { queryClient } from './api/session.ts'
import { reloadOnUpgrade } from './reload-on-upgrade.ts'
import { router } from './router.tsx'
import { colorScheme, theme } from './theme.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no element to be drawn in')

reloadOnUpgrade()

// No style elements are injected (variables and classes are in the style sheet), so `style-src 'self'` is enough.
createRoot(root).render(
  <MantineProvider
    theme={theme}
    defaultColorScheme="auto"
    colorSchemeManager={colorScheme}
    withCssVariables={false}
    withGlobalClasses={false}
  >
    <QueryClientProvider client={queryClient}>
      <Notifications position="bottom-right" />
      <RouterProvider router={router} />
    </QueryClientProvider>
  </MantineProvider>,
)
