export default function Page() {
  return 'hotspan';
}
