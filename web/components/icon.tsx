/** Line icons on a 20-unit grid, drawn for this page. */
import type { JSX } from 'solid-js';

const PATHS = {
  play: 'M6.5 4.2v11.6c0 .6.7 1 1.2.7l8.6-5.8c.5-.3.5-1 0-1.4L7.7 3.5c-.5-.3-1.2 0-1.2.7Z',
  pause: 'M7 4v12M13 4v12',
  close: 'm5 5 10 10M15 5 5 15',
  swap: 'M4 7h11m0 0-3-3m3 3-3 3M16 13H5m0 0 3-3m-3 3 3 3',
  upload: 'M10 13V4m0 0L6.5 7.5M10 4l3.5 3.5M4 13.5v1A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5v-1',
  download: 'M10 4v9m0 0-3.5-3.5M10 13l3.5-3.5M4 13.5v1A1.5 1.5 0 0 0 5.5 16h9a1.5 1.5 0 0 0 1.5-1.5v-1',
  chevron: 'm5.5 8 4.5 4.5L14.5 8',
  info: 'M10 9v4.5M10 6.5v.1M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0Z',
  alert: 'M10 7.5v3.2M10 13.6v.1M8.9 3.9 2.9 14.2A1.3 1.3 0 0 0 4 16.1h12a1.3 1.3 0 0 0 1.1-1.9l-6-10.3a1.3 1.3 0 0 0-2.2 0Z',
  check: 'm4.5 10.5 3.5 3.5 7.5-8',
  plus: 'M10 4.5v11M4.5 10h11',
  trash: 'M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5l.6 9.1A1.5 1.5 0 0 0 7.6 16h4.8a1.5 1.5 0 0 0 1.5-1.4l.6-9.1',
  sun: 'M10 6.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8ZM10 2.5v1.4M10 16.1v1.4M2.5 10h1.4M16.1 10h1.4M4.7 4.7l1 1M14.3 14.3l1 1M4.7 15.3l1-1M14.3 5.7l1-1',
  moon: 'M16 11.6A6.5 6.5 0 0 1 8.4 4a6.5 6.5 0 1 0 7.6 7.6Z',
  system: 'M3.5 4.5h13v8.5h-13ZM7.5 16.5h5M10 13v3.5',
  reset: 'M4.5 4v4h4M4.9 8a6 6 0 1 1-.8 3.5',
  disk: 'M3.5 6c0-1.4 2.9-2.5 6.5-2.5s6.5 1.100 6.5 2.500-2.900 2.500-6.500 2.500S3.500 7.400 3.500 6Zm0 0v8c0 1.400 2.900 2.500 6.500 2.500s6.500-1.100 6.500-2.500V6M3.500 10c0 1.400 2.900 2.500 6.500 2.500s6.500-1.100 6.500-2.500',
  lock: 'M5.500 9h9v7h-9ZM7 9V6.500a3 3 0 0 1 6 0V9',
  sliders: 'M4 6h6M13.500 6H16M4 14h2.500M10 14h6M11.750 4.250v3.500M8.250 12.250v3.500',
  search: 'M8.750 4a4.750 4.750 0 1 1 0 9.500 4.750 4.750 0 0 1 0-9.500ZM12.300 12.300l3.700 3.700',
  folder: 'M3.500 6A1.500 1.500 0 0 1 5 4.500h3l1.500 2H15A1.500 1.500 0 0 1 16.500 8v6a1.500 1.500 0 0 1-1.500 1.500H5A1.500 1.500 0 0 1 3.500 14Z',
  box: 'M4 7.500v7A1.500 1.500 0 0 0 5.500 16h9a1.500 1.500 0 0 0 1.500-1.500v-7M3 4h14v3.500H3ZM8.250 10.500h3.500',
  shield: 'M10 3l5.500 2v4.500c0 3.400-2.200 6-5.500 7.500-3.300-1.500-5.500-4.100-5.500-7.500V5Z',
  phone: 'M6.500 3h7A1.500 1.500 0 0 1 15 4.500v11a1.500 1.500 0 0 1-1.500 1.500h-7A1.500 1.500 0 0 1 5 15.500v-11A1.500 1.500 0 0 1 6.500 3ZM9 14.500h2',
  wave: 'M3 10h1.500M6.500 6.500v7M9.500 4v12M12.500 7v6M15.500 9v2',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon(props: { name: IconName; size?: number; filled?: boolean }): JSX.Element {
  return (
    <svg
      width={props.size ?? 20}
      height={props.size ?? 20}
      viewBox="0 0 20 20"
      fill={props.filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[props.name]} />
    </svg>
  );
}
