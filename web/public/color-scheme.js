// Before the first paint, so that who chose light never sees dark flash by. The key is the one that the page keeps it under.
try {
  if (localStorage.getItem('spreadworks-color-scheme') === 'light') document.documentElement.dataset.mantineColorScheme = 'light'
} catch {
  // Storage may be closed to the page; it then starts dark.
}
