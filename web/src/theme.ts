import { createTheme, type MantineColorsTuple } from '@mantine/core'

/** Around the accent of each scheme: shade 5 is dark's, shade 6 light's. The rest of the look stands in theme.css. */
const accent: MantineColorsTuple = [
  '#eaf2ff',
  '#d3e4ff',
  '#b0cfff',
  '#8dbaff',
  '#74acff',
  '#5b9dff',
  '#1f6feb',
  '#1a60cc',
  '#1551ad',
  '#10418e',
]

export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  colors: { accent },
  primaryColor: 'accent',
  primaryShade: { dark: 5, light: 6 },
  autoContrast: true,
  defaultRadius: 6,
  respectReducedMotion: true,
  cursorType: 'pointer',
})

export const COLOR_SCHEME_KEY = 'spreadworks-color-scheme'
