import './lib/shell/older';
import '@fontsource-variable/inter/index.css';
import '@xyflow/svelte/dist/base.css';
import './tokens.css';
import './base.css';
import { mount } from 'svelte';
import Window from './Window.svelte';
import { chooseShell } from './lib/core/choose';

const target = document.getElementById('app');
if (target) mount(Window, { target, props: { shell: await chooseShell() } });
