import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Builds the page into web/dist. Everything comes from this server: no address of another host may end up in it. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    target: 'es2023',
    // An inlined font or picture would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8501' } },
})
