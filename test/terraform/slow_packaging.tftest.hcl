# Code that AWS would refuse, or that is not the planned code.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

variables {
  lambda_package_path = "test/terraform/fixtures/lambda.zip"
}

run "rejects_a_folder_as_a_package" {
  command = plan

  variables {
    lambda_package_path = "test/terraform"
  }

  expect_failures = [aws_lambda_function.signaling_server]
}

run "notices_that_lambda_runs_other_code" {
  override_resource {
    target = aws_lambda_function.signaling_server
    values = { code_sha256 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  }

  expect_failures = [aws_lambda_function.signaling_server]
}
