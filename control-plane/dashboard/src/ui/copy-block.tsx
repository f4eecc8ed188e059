import { ActionIcon } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import classes from './copy-block.module.css'

/** Text to take into a terminal, with a button that copies it. */
export function CopyBlock({ label, text }: { label: string; text: string }) {
  const clipboard = useClipboard({ timeout: 1500 })
  return (
    <div className={classes.block}>
      <div className={classes.head}>
        <span>{label}</span>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Copy: ${label}`}
          onClick={() => clipboard.copy(text)}
        >
          {clipboard.copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
        </ActionIcon>
      </div>
      <pre tabIndex={0}>{text}</pre>
    </div>
  )
}
