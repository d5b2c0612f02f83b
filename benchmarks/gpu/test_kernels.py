import unittest

import kernels

LAUNCH = (
    "void pw::launch(Pool&, const Grid&, void (*)(Parameters ...), Arguments ...) [with Parameters = {Strips, View<bf16>, "
    "Global<const float>, Global<bf16>, MomentParts}; Arguments = {Strips, View<bf16>}]")
PTXAS = """ptxas info    : Compiling entry function '_Z1fi' for 'sm_90'
ptxas info    : Function properties for _Z1fi
    40 bytes stack frame, 48 bytes spill stores, 52 bytes spill loads
ptxas info    : Used 80 registers, used 1 barriers
ptxas info    : Compiling entry function '_Z1gff' for 'sm_90'
ptxas info    : Function properties for _Z1gff
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 128 registers
"""


class KernelsTest(unittest.TestCase):
    def test_parameters(self):
        self.assertTrue(kernels.parameters_of(LAUNCH).startswith("Strips, View<bf16>, Global"))
        self.assertEqual(
            kernels.parameters_of("void pw::(anonymous namespace)::depthwise_forward<float, pw::Stencil<5, (pw::Mode)1> >"
                                  "(pw::Strips, pw::View<float>)"),
            "Strips, View<float>")

    def test_kinds(self):
        self.assertEqual(kernels.kind_of(kernels.parameters_of(LAUNCH)), "depthwise, forward")
        self.assertEqual(kernels.kind_of("PassPlan, NormGradient<bf16>"), "pointwise, both gradients or weights' alone")
        self.assertEqual(kernels.kind_of("something new"), "others")

    def test_resources(self):
        self.assertEqual(kernels.read_resources(PTXAS), [("int", 100, 80), ("float, float", 0, 128)])
        with self.assertRaises(SystemExit):
            kernels.read_resources("nothing")

    def test_occupancy(self):
        self.assertEqual(kernels.occupancy(128, 256, 0), 0.25)  # two blocks by their registers
        self.assertEqual(kernels.occupancy(32, 256, 100 << 10), 0.25)  # two by their shared memory
        self.assertEqual(kernels.occupancy(32, 1024, 0), 1.0)

    def test_bytes_are_continued_by_a_line(self):
        small, large = {"memory": 1000 + 5 * 64 ** 2}, {"memory": 1000 + 5 * 128 ** 2}
        expected = 5 * kernels.SIDE ** 2 + 1000 / kernels.BATCH
        self.assertAlmostEqual(kernels.scaled(small, large, 64 ** 2, 128 ** 2, "memory"), expected)

    def test_counts_are_of_a_step(self):
        row = {"launches": 8, "read": 40, "written": 4, "sectors_read": 64, "sectors_written": 32, "threads": 256,
               "shared_bytes": 10, "parameters": "pw_rasterize"}
        of = kernels.by_kind([row, row], 4)["rasterize"]
        self.assertEqual((of["launches"], of["asked"], of["memory"], of["threads"]), (4, 22, 48, 256))


if __name__ == "__main__":
    unittest.main()
